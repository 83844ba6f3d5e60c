import { shutDown, up } from './machine.js';
import { makeWorkspace, type Workspace } from './workspace.js';
import { makeWorkstation, removeWorkstation, type OtherUser } from './workstation.js';

/** What a journey starts from. */
export interface Departure {
  /** Names of the sandbox machines; all are brought up. */
  readonly machines?: readonly string[];
  /** Who travels; default: the user who runs the tests. */
  readonly user?: () => OtherUser | undefined;
  /** Puts projects into the workspace. */
  readonly prepare: (workspace: Workspace) => void | Promise<void>;
  /** Whether the machines are brought up before the first test. */
  readonly machinesUp?: boolean;
}

/**
 * Gives the tests of a describe block one workspace, with its machines up. Afterwards everything is shut down in the
 * documented way, and what then still runs fails the block.
 * @returns gives the workspace, within tests.
 */
export function journey({ machines = ['sandbox'], user, prepare, machinesUp = true }: Departure): () => Workspace {
  let workspace: Workspace | undefined;
  beforeAll(async () => {
    workspace = makeWorkspace(await makeWorkstation(user?.()), machines);
    await prepare(workspace);
    if (machinesUp) for (const machine of machines) await up(workspace, machine);
  });
  afterAll(async () => {
    if (workspace === undefined) return;
    try {
      await shutDown(workspace, machines);
    } finally {
      await removeWorkstation(workspace.workstation);
    }
  });
  return () => {
    if (workspace === undefined) throw new Error('the journey has not begun: beforeAll failed');
    return workspace;
  };
}
