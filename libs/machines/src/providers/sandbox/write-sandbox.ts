import { copyToOwn, moveOwn } from '@build-machines/owned-files';
import { ensurePrivateFolder } from '../../disk/private-folder.js';
import { writeAside, writePrivate } from '../../disk/write-aside.js';
import { publicKeyText, type PublicKey } from '../../keys/public-key.js';
import { RELAY_ALIAS, knownHostsLine } from '../../tunnel/autossh-command.js';
import { writeCabalConfig } from './cabal-config.js';
import type { SandboxLayout } from './layout.js';
import { loginScript } from './login-script.js';

/** Writes the files of a sandbox that hold no configuration of a program; the same again changes nothing. */
export async function writeSandboxFiles(options: {
  readonly layout: SandboxLayout;
  readonly buildKey: PublicKey;
  readonly relayHostKey: string;
  readonly token: string;
  readonly path: string;
  /** Home folder of the workstation's user. */
  readonly userHome: string;
  /** The agent's bundle to copy in: the machine keeps the version that it was brought up with. */
  readonly agentBundle: string;
  /** The supervisor's bundle, copied in for the same reason, and because the workspace that it comes from may go. */
  readonly supervisorBundle: string;
}): Promise<void> {
  const { layout } = options;
  await ensurePrivateFolder(layout.home);
  await ensurePrivateFolder(layout.agentState);
  await ensurePrivateFolder(layout.supervisor);
  await writePrivate(layout.relayKnownHosts, knownHostsLine(RELAY_ALIAS, options.relayHostKey));
  await writePrivate(
    layout.authorizedKeys,
    `restrict,pty,port-forwarding ${publicKeyText(options.buildKey)} build-machines build key\n`,
  );
  await writePrivate(layout.token, `${options.token}\n`);
  await writeAside(layout.loginScript, loginScript(layout.home, options.path), 0o700);
  await writeCabalConfig(options.userHome, layout.home);
  await copyIn(options.agentBundle, layout.agentBundle);
  await copyIn(options.supervisorBundle, layout.supervisorBundle);
}

async function copyIn(bundle: string, to: string): Promise<void> {
  await copyToOwn(bundle, `${to}.new`);
  await moveOwn(`${to}.new`, to);
}
