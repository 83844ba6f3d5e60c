import { readFileSync } from 'node:fs';
import { MachineAccess } from '@build-machines/machines';
import type { TransportFactory } from '../connection/agent-transport.js';
import { connectDirect } from '../connection/direct-transport.js';
import type { ListSources } from '../runs/source-list.js';
import { scopeSources } from './scope-sources.js';

/** What acts on the machine whose access record is this process's first argument, for a workspace that is its second. */
export interface MachineProgram {
  readonly machine: string;
  readonly connect: TransportFactory;
  readonly workspaceRoot: string;
  readonly user: string;
  readonly sources: ListSources;
}

/** Runs a program of a test; it ends with the status that `act` resolves to, 99 for none, and 98 for an error. */
export function runMachineProgram(
  act: (program: MachineProgram, args: readonly string[]) => Promise<{ readonly exitCode: number | null }>,
): void {
  const [, , accessFile = '', workspaceRoot = '', ...args] = process.argv;
  const access = MachineAccess.parse(JSON.parse(readFileSync(accessFile, 'utf8')));
  const connect: TransportFactory = ({ signal }) => connectDirect(access, { signal });
  const sources = scopeSources(workspaceRoot, { roots: ['.'], files: [] });
  void act({ machine: access.name, connect, workspaceRoot, user: 'tester', sources }, args).then(
    ({ exitCode }) => process.exit(exitCode ?? 99),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(98);
    },
  );
}
