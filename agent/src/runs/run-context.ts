import type { Activities } from '../activities/activities.js';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { AgentConfig } from '../config/agent-config.js';
import type { Logger } from '../logging/logger.js';
import type { Mirrors } from '../mirrors/mirrors.js';
import type { FifoGate } from '../queueing/fifo-gate.js';
import type { Toolchains } from '../toolchains/toolchains.js';
import type { TraitReader } from '../traits/trait-reader.js';
import type { Account } from './run-environment.js';
import type { LeaseFences } from './lease-fences.js';
import type { RunFolders } from './run-folder.js';
import type { TemporaryFolders } from './temporary-folders.js';

/** What runs and sessions work with; made once, at the start of the agent. */
export interface RunContext {
  readonly config: AgentConfig;
  readonly account: Account;
  readonly mirrors: Mirrors;
  readonly toolchains: Toolchains;
  readonly traits: TraitReader;
  readonly artifacts: ArtifactStore;
  readonly folders: RunFolders;
  readonly temporaryFolders: TemporaryFolders;
  /** Places for runs that compute; a run waits for one while it holds its mirror's lock. */
  readonly slots: FifoGate;
  readonly fences: LeaseFences;
  /** What goes on here; work registers before it begins. */
  readonly activities: Activities;
  readonly logger: Logger;
  readonly now: () => Date;
  /** A new random identifier. */
  readonly randomId: () => string;
}
