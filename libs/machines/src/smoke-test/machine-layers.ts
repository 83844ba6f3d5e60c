import type { AgentInfo, CapabilityEntry } from '@build-machines/protocol';
import type { MachineAccess } from '../access/machine-access.js';
import type { MachineLock } from '../lock/machine-lock.js';
import { portHolder } from '../network/port-holder.js';
import { bannerOnce } from '../network/ssh-banner.js';
import { checkSpace, checkToolchains } from './expectations.js';
import { loginWithKey, offeredHostKey } from './ssh-probes.js';
import type { SmokeLayer } from './run-layers.js';

/** What the smoke test asks of others: the client of the agent and that of the hub. */
export interface SmokeProbes {
  readonly agentInfo: (signal: AbortSignal) => Promise<AgentInfo>;
  /** The machine's entry in the hub's catalog; undefined where it has none. Rejects when the hub is not reached. */
  readonly hubEntry: (signal: AbortSignal) => Promise<CapabilityEntry | undefined>;
  /** Compiles and runs a small program on the machine; resolves with what that printed. */
  readonly compileAndRun: (signal: AbortSignal) => Promise<string>;
  /** Fetches what that left and compares the digest; resolves with a description. */
  readonly artifactRoundTrip: (signal: AbortSignal) => Promise<string>;
}

export interface SmokeSubject {
  readonly access: MachineAccess;
  /** Whether it is reached through a reverse tunnel. */
  readonly tunnel: boolean;
  /** The committed lock; null where there is none yet. */
  readonly lock: MachineLock | null;
  /** PATH, where ssh is looked for. */
  readonly path: string;
}

/** The layers of a machine, from the wire up to an artifact that came back. */
export function machineLayers({ access, tunnel, lock, path }: SmokeSubject, probes: SmokeProbes): SmokeLayer[] {
  const { name, sshHost, sshPort } = access;
  const up = `Run \`nx run ${name}:up\`; if that does not help, look at \`nx run ${name}:logs\`.`;
  const layer = (
    id: string,
    title: string,
    needs: readonly string[],
    check: SmokeLayer['check'],
    fix = up,
    withinMs = 15_000,
  ): SmokeLayer => ({ id, title, needs, check, fix, withinMs });
  const tunnelLayer = layer('tunnel', 'tunnel port', [], async () => {
    if (portHolder(sshPort) === undefined) throw new Error(`nothing listens on port ${sshPort}`);
    return `port ${sshPort} listens`;
  });
  const below = tunnel ? ['tunnel'] : [];
  return [
    ...(tunnel ? [tunnelLayer] : []),
    layer('ssh', 'SSH banner', below, () => bannerOnce(sshHost, sshPort, 10_000)),
    layer(
      'host-key',
      'host key',
      ['ssh'],
      async (signal) => {
        const offered = await offeredHostKey(access, path, signal);
        if (offered !== access.hostKey) throw new Error(`the machine shows ${offered}, pinned is ${access.hostKey}`);
        return 'is the pinned one';
      },
      `If you replaced the machine on purpose, run \`nx run ${name}:inject-keys\` (sandbox: \`nx run ${name}:up\`), which pins the new key; if not, somebody else answers on that port.`,
    ),
    layer(
      'login',
      'login with the build key',
      ['host-key'],
      (signal) => loginWithKey(access, path, signal),
      `Run \`nx run ${name}:inject-keys\` (sandbox: \`nx run ${name}:up\`), which installs ${access.identityFile}.pub on the machine.`,
    ),
    layer('agent', 'agent', ['login'], async (signal) => {
      const info = await probes.agentInfo(signal);
      if (info.name !== name) throw new Error(`the agent says that it is machine "${info.name}"`);
      return `version ${info.version}, ${info.slots.busy} of ${info.slots.total} slots busy`;
    }),
    layer(
      'toolchains',
      'toolchains',
      ['agent'],
      async (signal) => checkToolchains(await probes.agentInfo(signal), lock),
      `Install what is missing with \`nx run ${name}:ghc-install\`, or accept what the machine has: \`nx run ${name}:up\` writes machine.lock.`,
    ),
    layer(
      'space',
      'disk space',
      ['agent'],
      async (signal) => checkSpace(await probes.agentInfo(signal)),
      'Free space on the machine: remove old compilers (`ghcup gc`), or give it a larger disk.',
    ),
    layer(
      'compile',
      'compile and run a program',
      ['toolchains', 'space'],
      async (signal) => `it printed ${JSON.stringify((await probes.compileAndRun(signal)).trim())}`,
      `Missing system libraries are installed with \`nx run ${name}:apt-install\`.`,
      300_000,
    ),
    layer('artifact', 'artifact round trip', ['compile'], probes.artifactRoundTrip, up, 60_000),
    layer('forward', 'forward tunnel to the hub', ['agent'], async (signal) => {
      const { state, detail } = (await probes.agentInfo(signal)).hub;
      if (state === 'registered') return 'the machine reaches the hub';
      throw new Error(`the agent's registration is "${state}"${detail === null ? '' : `: ${detail}`}`);
    }),
    layer('registration', 'registration in the hub', ['forward'], async (signal) => {
      const entry = await probes.hubEntry(signal);
      if (entry === undefined) throw new Error(`the hub's catalog has no machine "${name}"`);
      if (entry.state !== 'ready')
        throw new Error(`the hub calls it ${entry.state}, last heard of at ${entry.last_heartbeat_at}`);
      return `ready, ${entry.toolchains.length} tools`;
    }),
  ];
}
