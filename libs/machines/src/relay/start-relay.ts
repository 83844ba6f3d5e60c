import { join } from 'node:path';
import { BuildMachinesError } from '@build-machines/protocol';
import { ensurePrivateFolder } from '../disk/private-folder.js';
import { readIfPresent } from '../disk/missing.js';
import { writePrivate } from '../disk/write-aside.js';
import { ensureKey } from '../keys/ensure-key.js';
import { publicKeyText } from '../keys/public-key.js';
import { readBanner } from '../network/ssh-banner.js';
import { portHolder } from '../network/port-holder.js';
import { sshdAccount } from '../sshd/account.js';
import { requireSshd } from '../sshd/find-sshd.js';
import { prepareSshd } from '../sshd/prepare-sshd.js';
import type { WorkstationAccount } from '../state/account.js';
import type { StateFolder } from '../state/state-folder.js';
import type { ChildEvent } from '../supervision/supervised-child.js';
import { recordedChildren } from '../supervision/child-record.js';
import { supervise } from '../supervision/supervise.js';
import { relayAuthorizedKeys } from './authorize.js';
import { relayOptions } from './relay-config.js';

/** The relay cannot listen on its port. */
export class RelayPortTakenError extends BuildMachinesError {
  readonly code = 'relay-port-taken';
}

/** The relay's sshd did not come up. */
export class RelayNotStartedError extends BuildMachinesError {
  readonly code = 'relay-not-started';
}

/** A running embedded relay. */
export interface Relay {
  readonly port: number;
  /** Its public host key, as `ssh-ed25519 AAAA…`, for machines to pin. */
  readonly hostKey: string;
  /** The account that machines log in to: the user's own, which this sshd lets do nothing but tunnels. */
  readonly user: string;
  /** Ends the relay and the tunnels that it carries. */
  close(): Promise<void>;
  /** Ends the watch over the relay but leaves it, and all tunnels, standing; the next start adopts it. */
  handOver(): Promise<void>;
}

export interface StartRelayOptions {
  readonly state: StateFolder;
  readonly port: number;
  /** `127.0.0.1` when machines are on this computer only; `0.0.0.0` or a LAN address for others. */
  readonly listenAddress: string;
  readonly signal?: AbortSignal;
  readonly account: WorkstationAccount;
  readonly onEvent?: (event: ChildEvent) => void;
}

/**
 * Starts the embedded relay and keeps it running. Resolves when it answers with an SSH banner. A relay that a killed
 * bridge left behind is adopted, with its tunnels.
 * @throws ProgramMissingError without sshd, RelayPortTakenError (names the holder where it can be seen),
 * RelayNotStartedError (with the end of sshd's log).
 */
export async function startRelay(options: StartRelayOptions): Promise<Relay> {
  const { state, port, listenAddress, signal, onEvent } = options;
  const { user, uid, path } = options.account;
  const sshd = await requireSshd(path);
  await ensurePrivateFolder(state.relay);
  const { publicKey } = await ensureKey(join(state.relay, 'ssh_host_ed25519_key'), 'build-machines relay');
  const authorizedKeysFile = relayAuthorizedKeys(state);
  if ((await readIfPresent(authorizedKeysFile)) === undefined) await writePrivate(authorizedKeysFile, '');
  const configFile = join(state.relay, 'sshd_config');
  const configuration = await prepareSshd(
    sshd,
    configFile,
    relayOptions({
      listenAddress,
      port,
      user,
      authorizedKeysFile,
      hostKeyFile: join(state.relay, 'ssh_host_ed25519_key'),
    }),
    sshdAccount(user, uid),
  );
  await refuseTakenPort(state, port);
  const supervision = await supervise(
    [
      {
        name: 'sshd',
        command: sshd,
        args: ['-D', '-e', '-f', configFile],
        env: { PATH: path },
        cwd: '/',
        configuration,
        endDescendants: true,
      },
    ],
    { folder: state.relay, signal, onEvent },
  );
  try {
    await readBanner({ host: reachable(listenAddress), port, timeoutMs: 10_000, signal });
  } catch (error) {
    await supervision.stop();
    const log = (await readIfPresent(join(state.relay, 'sshd.log'))) ?? '';
    throw new RelayNotStartedError(
      `the relay did not come up on port ${port}: ${log.trim().split('\n').slice(-3).join(' | ')}`,
      { hint: `Its log is ${join(state.relay, 'sshd.log')}.`, cause: error },
    );
  }
  return {
    port,
    hostKey: publicKeyText(publicKey),
    user,
    close: () => supervision.stop(),
    handOver: () => supervision.handOver(),
  };
}

/** The port must be free, or held by the relay that we are about to adopt or replace. */
async function refuseTakenPort(state: StateFolder, port: number): Promise<void> {
  const holder = portHolder(port);
  if (holder === undefined) return;
  const leftovers = await recordedChildren(state.relay);
  if (leftovers.some(({ running, identity }) => running && (holder.pid === undefined || identity.pid === holder.pid)))
    return;
  throw new RelayPortTakenError(`port ${port} of the relay is taken${holder.description}`, {
    hint: 'Choose another "services.relay" in port-registry.yml, or end the program that holds the port.',
  });
}

/** An address under which a listener on `address` answers on this computer. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}
