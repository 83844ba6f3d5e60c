import type { RunResult, ToolInstallRequest } from '@build-machines/protocol';
import { expectSuccess } from '../connection/agent-answer.js';
import type { TransportFactory } from '../connection/agent-transport.js';
import { readEvents } from '../runs/event-stream.js';
import { InstallationUnwatchedError } from './tool-errors.js';

export interface InstallToolsOptions {
  readonly connect: TransportFactory;
  readonly machine: string;
  readonly request: ToolInstallRequest;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Aborting it ends the watching; the machine goes on, because half an installation is worse than one unwatched. */
  readonly signal?: AbortSignal;
}

/**
 * Has a machine install a compiler or system packages.
 * @returns how the installer ended.
 * @throws InstallationUnwatchedError when the connection ended first; RemoteReportedError with the code
 * `installer-missing` and others of the agent's; the classes in connection-errors.ts.
 */
export async function installTools(options: InstallToolsOptions): Promise<RunResult> {
  const { connect, machine, request, onOutput, signal } = options;
  const transport = await connect({ signal });
  try {
    const body = Buffer.from(JSON.stringify(request));
    const headers = { 'content-type': 'application/json' };
    const response = await transport.request({ method: 'POST', path: '/v1/tools', headers, body, signal });
    await expectSuccess(machine, response);
    for await (const event of readEvents(machine, response.body)) {
      if (event.type === 'output') onOutput(event.stream, event.text);
      if (event.type === 'finished') return event.result;
    }
  } finally {
    transport.close();
  }
  throw new InstallationUnwatchedError(machine);
}
