import { succeeded } from '../support/nx-output.js';
import { nx, type NxOptions, type Workspace } from '../support/workspace.js';

/** How a result is asked for. */
export interface Way {
  readonly name: string;
  /** Options of the command; `remoteCache` are the variables that name one. */
  options(remoteCache: Record<string, string>): NxOptions;
  readonly args?: readonly string[];
  /** What is done before. */
  prepare?(workspace: Workspace): Promise<void>;
  /** Asks once before, so that the second answer comes from what the first one kept. */
  readonly twice?: boolean;
}

const forget = async (workspace: Workspace): Promise<void> => {
  succeeded(await nx(workspace, ['reset', '--only-cache']));
};

export const ways: readonly Way[] = [
  { name: 'in a batch', options: () => ({}) },
  { name: 'one by one', options: () => ({}), args: ['--batch=false'] },
  { name: "by the machine's record", options: () => ({}), prepare: forget },
  { name: 'in a batch with the daemon', options: () => ({ daemon: true }) },
  { name: 'by the remote cache', options: (env) => ({ env }), prepare: forget, twice: true },
  { name: 'once more', options: () => ({}), args: ['--skip-nx-cache'] },
];
