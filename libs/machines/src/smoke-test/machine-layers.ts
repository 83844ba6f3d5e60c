import type { AgentInfo, CapabilityState, Provider } from '@build-machines/protocol';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineAccess } from '../access/machine-access.js';
import type { MachineLock } from '../lock/machine-lock.js';
import { isListening } from '../network/port-holder.js';
import { bannerOnce } from '../network/ssh-banner.js';
import { checkSpace, checkToolchains } from './expectations.js';
import { loginWithKey, offeredHostKey } from './ssh-probes.js';
import type { SmokeLayer } from './run-layers.js';

/** How often an agent that registers just now is asked again, and the pause in between, in milliseconds. */
const REGISTRATION_LOOKS = 20;
const REGISTRATION_PAUSE_MS = 500;

/** What the smoke test asks of others: the client of the agent and that of the hub. */
export interface SmokeProbes {
  readonly agentInfo: (signal: AbortSignal) => Promise<AgentInfo>;
  /** The machine's entry in the hub's catalog; undefined where it has none. Rejects when the hub is not reached. */
  readonly hubEntry: (signal: AbortSignal) => Promise<HubEntry | undefined>;
  /** Compiles and runs a small program on the machine; resolves with what that printed. */
  readonly compileAndRun: (signal: AbortSignal) => Promise<string>;
  /** Fetches what that left and compares the digest; resolves with a description. */
  readonly artifactRoundTrip: (signal: AbortSignal) => Promise<string>;
}

/** What a hub says of a machine. */
export interface HubEntry {
  /** `unknown`: another hub, which does not say it in words that we know. */
  readonly state: CapabilityState | 'unknown';
  readonly toolchains: readonly unknown[];
  /** Undefined: another hub, which takes no heartbeats. */
  readonly last_heartbeat_at?: string;
}

/** Makes a layer; `fix` and `withinMs` (15 s) have defaults. */
type MakeLayer = (
  id: string,
  title: string,
  needs: readonly string[],
  check: SmokeLayer['check'],
  fix?: string,
  withinMs?: number,
) => SmokeLayer;

export interface SmokeSubject {
  readonly access: MachineAccess;
  readonly provider: Provider;
  /** Whether it is reached through a reverse tunnel; a machine without one cannot reach the hub, and is not asked to. */
  readonly tunnel: boolean;
  /** The committed lock; null where there is none yet. */
  readonly lock: MachineLock | null;
  /** PATH, where ssh is looked for. */
  readonly path: string;
}

/** The layers of a machine, from the wire up to an artifact that came back. */
export function machineLayers(
  { access, provider, tunnel, lock, path }: SmokeSubject,
  probes: SmokeProbes,
): SmokeLayer[] {
  const { name, sshHost, sshPort } = access;
  const up = `Run \`nx run ${name}:up\`; if that does not help, look at \`nx run ${name}:logs\`.`;
  // The target that installs keys and pins the host key.
  const keys = `nx run ${name}:${provider === 'virtualbox' || provider === 'qemu' ? 'inject-keys' : 'up'}`;
  const layer: MakeLayer = (id, title, needs, check, fix = up, withinMs = 15_000) => {
    return { id, title, needs, check, fix, withinMs };
  };
  const tunnelLayer = layer('tunnel', 'tunnel port', [], async () => {
    if (!(await isListening(sshPort))) throw new Error(`nothing listens on port ${sshPort}`);
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
      repin(name, provider),
    ),
    layer(
      'login',
      'login with the build key',
      ['host-key'],
      (signal) => loginWithKey(access, path, signal),
      `Run \`${keys}\`, which installs ${access.identityFile}.pub on the machine.`,
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
    ...(tunnel ? hubLayers(name, probes, layer) : []),
  ];
}

/** What a machine with a tunnel has beyond one that is reached directly: its way to the hub, and its entry there. */
function hubLayers(name: string, probes: SmokeProbes, layer: MakeLayer): SmokeLayer[] {
  return [
    layer('forward', 'forward tunnel to the hub', ['agent'], async (signal) => {
      const { state, detail } = await settledRegistration(probes, signal);
      // A hub that rejects the machine was reached; why it does is the next layer's to say.
      if (state === 'registered' || state === 'rejected') return 'the machine reaches the hub';
      throw new Error(`the agent's registration is "${state}"${detail === null ? '' : `: ${detail}`}`);
    }),
    layer('registration', 'registration in the hub', ['forward'], async (signal) => {
      const { state, detail } = (await probes.agentInfo(signal)).hub;
      if (state === 'rejected') throw new Error(`the hub rejects the machine: ${detail ?? 'it says no more'}`);
      const entry = await probes.hubEntry(signal);
      if (entry === undefined) throw new Error(`the hub's catalog has no machine "${name}"`);
      const { state: known, last_heartbeat_at: heard } = entry;
      if (known === 'unknown') return `listed, ${entry.toolchains.length} tools; the hub does not say how it is`;
      if (known !== 'ready')
        throw new Error(`the hub calls it ${known}${heard === undefined ? '' : `, last heard of at ${heard}`}`);
      return `ready, ${entry.toolchains.length} tools`;
    }),
  ];
}

/** How the registration stands; an agent that has only just started is given time to hear from the hub. */
async function settledRegistration(probes: SmokeProbes, signal: AbortSignal): Promise<AgentInfo['hub']> {
  for (let look = 1; ; look++) {
    const { hub } = await probes.agentInfo(signal);
    if (hub.state !== 'registering' || look === REGISTRATION_LOOKS) return hub;
    await sleep(REGISTRATION_PAUSE_MS, undefined, { signal });
  }
}

/** How the host key is pinned anew, when it was changed on purpose. */
function repin(name: string, provider: Provider): string {
  const command = {
    sandbox: `nx run ${name}:up`,
    qemu: `nx run ${name}:inject-keys --forgetHostKey`,
    virtualbox: `nx run ${name}:inject-keys --forgetHostKey`,
    ssh: `nx run ${name}:up --acceptHostKey=SHA256:… (its fingerprint)`,
  }[provider];
  return `If you replaced the machine on purpose, \`${command}\` pins the new key; if not, somebody else answers there.`;
}
