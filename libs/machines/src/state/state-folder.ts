import { expectTree } from '@build-machines/owned-files';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where build-machines keeps what belongs to one user of this workstation, not to one workspace. Everything in it is
 * readable by that user only (folders 0700, secrets 0600).
 */
export interface StateFolder {
  readonly root: string;
  /** The build key pair: `keys/id_build` and `.pub`. Private half never leaves the workstation. */
  readonly buildKey: string;
  /** The embedded relay's sshd_config, host key, authorized_keys and log. */
  readonly relay: string;
  /** The embedded State Hub's database and admin token. */
  readonly hub: string;
  /** The bridge's socket, pid record and log. */
  readonly bridge: string;
  /** What is known of one machine: access record, pinned host key, token. */
  machine(name: string): string;
  /** Everything a sandbox machine is made of: its home folder, sshd, agent. Removing it removes the machine. */
  sandbox(name: string): string;
}

/** What releases before the marker kept in a state folder. */
const FORMER =
  /^(keys|relay|hub|bridge|machines|sandboxes|images|ssh_config\.d|qemu-accelerator\.json(\..*\.tmp)?|.*\.lock)$/;

/**
 * The state folder: `BUILD_MACHINES_HOME`, or `$XDG_STATE_HOME/build-machines`, or `~/.local/state/build-machines`
 * (XDG Base Directory Specification 0.8).
 * It is claimed when something is written to it; a folder with other contents is refused then.
 */
export function stateFolder(env: Readonly<Record<string, string | undefined>> = process.env): StateFolder {
  const root =
    env['BUILD_MACHINES_HOME'] ??
    join(env['XDG_STATE_HOME'] ?? join(env['HOME'] ?? homedir(), '.local', 'state'), 'build-machines');
  expectTree(root, { madeFor: 'the state of build-machines', isFormer: (name) => FORMER.test(name) });
  return {
    root,
    buildKey: join(root, 'keys', 'id_build'),
    relay: join(root, 'relay'),
    hub: join(root, 'hub'),
    bridge: join(root, 'bridge'),
    machine: (name) => join(root, 'machines', name),
    sandbox: (name) => join(root, 'sandboxes', name),
  };
}
