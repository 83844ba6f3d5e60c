import { pinnedHostKey } from '../../injection/pinned-host-key.js';
import { ensureBuildKey } from '../../keys/build-key.js';
import { remoteShell, type RemoteShell } from '../../remote-shell/remote-shell.js';
import { BuildMachinesError } from '@build-machines/protocol';
import type { WorkstationAccount } from '../../state/account.js';
import type { StateFolder } from '../../state/state-folder.js';
import { hostLayout } from './host-layout.js';
import { readHostRecord, type HostRecord } from './host-record.js';
import type { HostServices } from './services.js';

/** The host was never adopted from here, or was given back. */
export class HostNotAdoptedError extends BuildMachinesError {
  readonly code = 'host-not-adopted';
  constructor(name: string) {
    super(`machine "${name}" was never brought up from this workstation, or was destroyed`, {
      hint: `Run \`nx run ${name}:up\`.`,
    });
  }
}

/** A host that was adopted: how to speak to it, and what is there. */
export interface AdoptedHost {
  readonly record: HostRecord;
  readonly services: HostServices;
  readonly shell: RemoteShell;
}

/**
 * Opens an adopted host by the build key, directly: its tunnel may be what is broken.
 * @throws HostNotAdoptedError
 */
export async function adoptedHost(
  state: StateFolder,
  name: string,
  { account, authSocket }: { readonly account: WorkstationAccount; readonly authSocket: string | undefined },
): Promise<AdoptedHost> {
  const record = await readHostRecord(state, name);
  const hostKey = await pinnedHostKey(state, name);
  if (record === undefined || hostKey === undefined) throw new HostNotAdoptedError(name);
  const { host, port, user, home, init, node, parts } = record;
  const { privateKeyFile } = await ensureBuildKey(state);
  const shell = remoteShell(
    { ...{ name, host, port, user, hostKey }, identityFiles: [privateKeyFile], keys: 'given', userConfiguration: true },
    { path: account.path, env: { HOME: account.home, SSH_AUTH_SOCK: authSocket } },
  );
  const layout = hostLayout(home, name);
  return {
    record,
    shell,
    services: { name, layout, init, isRoot: user === 'root', node, parts },
  };
}
