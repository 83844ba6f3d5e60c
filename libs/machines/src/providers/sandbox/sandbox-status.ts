import type { StateFolder } from '../../state/state-folder.js';
import { recordedChildren } from '../../supervision/child-record.js';
import { runningInstance } from '../../supervision/instance.js';
import { SANDBOX_CHILDREN } from './children.js';
import { sandboxLayout } from './layout.js';
import { readSandboxRecord } from './sandbox-record.js';

/** What runs of a sandbox. */
export interface SandboxStatus {
  /** `absent`: never brought up; `stopped`; `running`: every part; `degraded`: some parts, or without supervisor. */
  readonly state: 'absent' | 'stopped' | 'running' | 'degraded';
  readonly supervisorPid: number | undefined;
  readonly children: readonly { readonly name: string; readonly pid: number | undefined }[];
  readonly sshdPort: number | undefined;
  readonly forwardPort: number | undefined;
  /** Folder of the logs: `supervisor.log`, `sshd.log`, `agent.log`, `tunnel.log`. */
  readonly logs: string;
}

/** Looks at the processes of a sandbox; asks none of them anything. */
export async function sandboxStatus(state: StateFolder, name: string): Promise<SandboxStatus> {
  const layout = sandboxLayout(state, name);
  const record = await readSandboxRecord(layout.record);
  const supervisor = await runningInstance(layout.supervisorInstance);
  const recorded = await recordedChildren(layout.supervisor);
  const children = SANDBOX_CHILDREN.map((child) => ({
    name: child,
    pid: recorded.find((found) => found.name === child && found.running)?.identity.pid,
  }));
  const running = children.filter(({ pid }) => pid !== undefined).length;
  const none = running === 0 && supervisor === undefined;
  const all = running === children.length && supervisor !== undefined;
  return {
    state: record === undefined ? 'absent' : none ? 'stopped' : all ? 'running' : 'degraded',
    supervisorPid: supervisor?.pid,
    children,
    sshdPort: record?.sshdPort,
    forwardPort: record?.forwardPort,
    logs: layout.supervisor,
  };
}
