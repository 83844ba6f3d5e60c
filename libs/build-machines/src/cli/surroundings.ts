import type { StateFolder } from '@build-machines/machines';

/** What surrounds a command: all that it learns from its process, so that specs give it another. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly state: StateFolder;
  /** Absolute path of bridge.cjs, the program of the bridge. */
  readonly bridgeBundle: string;
  readonly stdout: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Pick<NodeJS.WriteStream, 'write'>;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}
