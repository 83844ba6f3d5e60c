import type { Activity } from '@build-machines/protocol';
import { descendantsOf } from '../../processes/find-processes.js';
import { readProc } from '../../processes/process-identity.js';
import type { StateFolder } from '../../state/state-folder.js';
import { recordedChildren } from '../../supervision/child-record.js';
import { sandboxLayout } from './layout.js';

/** Programs below a sandbox's sshd that belong to a connection, whether or not anything is done over it. */
const OF_A_CONNECTION = ['sshd', 'sshd-session', 'sshd-auth'];

/** What people run in a sandbox over SSH, which its agent knows nothing of: shells, editors' servers, copies. */
export async function sandboxLogins(state: StateFolder, name: string, user: string): Promise<Activity[]> {
  const children = await recordedChildren(sandboxLayout(state, name).supervisor);
  const sshd = children.find((child) => child.name === 'sshd' && child.running);
  if (sshd === undefined) return [];
  return descendantsOf(sshd.identity.pid)
    .map(({ pid }) => ({ pid, program: readProc(`/proc/${pid}/comm`)?.trim() ?? '' }))
    .filter(({ program }) => program !== '' && !OF_A_CONNECTION.includes(program))
    .map(({ pid, program }) => ({
      kind: 'session',
      label: `${program} over SSH (process ${pid})`,
      user,
      workspace: null,
      since: new Date().toISOString(),
    }));
}
