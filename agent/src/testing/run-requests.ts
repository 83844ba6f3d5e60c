import type { IncomingMessage } from 'node:http';
import { PROTOCOL_VERSION, type RunCommand, type RunEvent, type RunResult } from '@build-machines/protocol';
import type { AgentProcess } from './agent-process.js';
import { framedRequest } from './framed-request.js';
import { contentsOf, scanTree } from './scan-tree.js';
import { complete, WORKSPACE } from './sync-workspace.js';

/** A run request of a whole folder, with defaults for what a test does not care about. */
export function runHeader(
  folder: string,
  command: Partial<RunCommand>,
  workspace = WORKSPACE,
): Record<string, unknown> {
  const defaults = {
    label: 'test:run',
    argv: ['true'],
    cwd: '.',
    env: {},
    toolchain: {},
    artifacts: null,
    reuse: true,
  };
  return {
    protocol: PROTOCOL_VERSION,
    workspace,
    sync: complete(scanTree(folder)),
    command: { ...defaults, ...command },
  };
}

/** Sends a folder with all its contents, and a command. */
export function submit(
  agent: AgentProcess,
  folder: string,
  command: Partial<RunCommand>,
  path = '/v1/runs',
  workspace = WORKSPACE,
): Promise<IncomingMessage> {
  return agent.request('POST', path, framedRequest(runHeader(folder, command, workspace), contentsOf(folder)));
}

export const shell = (script: string): string[] => ['sh', '-c', script];

export function outputOf(events: readonly RunEvent[], stream?: 'stdout' | 'stderr'): string {
  return events
    .map((event) => (event.type === 'output' && (stream ?? event.stream) === event.stream ? event.text : ''))
    .join('');
}

export function resultOf(events: readonly RunEvent[]): RunResult {
  const last = events.at(-1);
  if (last?.type !== 'finished') throw new Error(`the run did not finish: ${JSON.stringify(last)}`);
  return last.result;
}
