import type { LeaseFence, RunCommand, WorkspaceIdentity } from '@build-machines/protocol';
import type { RunProgress } from './run-progress.js';
import type { ListSources } from './source-list.js';

/** What is to be run where. */
export interface Submission {
  readonly workspaceRoot: string;
  readonly workspace: WorkspaceIdentity;
  readonly machine: string;
  readonly sources: ListSources;
  readonly command: RunCommand;
  readonly lease?: LeaseFence;
  /** The id of this client among those of the workspace. */
  readonly client?: string;
  /** Clients that are known to be dead. */
  readonly deadClients?: readonly string[];
  /** Only attach to a run that is there; nothing is sent. */
  readonly join?: boolean;
  readonly onProgress: (progress: RunProgress) => void;
  /** Called when a request has been sent whole, so that the agent may act on it although no answer came. */
  readonly onSent?: () => void;
  readonly signal: AbortSignal;
}
