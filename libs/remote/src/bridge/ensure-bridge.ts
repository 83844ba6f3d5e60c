import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  endProcesses,
  ensurePrivateFolder,
  runningInstance,
  spawnDaemon,
  withLock,
  writePrivate,
  type StateFolder,
} from '@build-machines/machines';
import { RemoteReportedError } from '@build-machines/protocol';
import { bridgeFiles } from './bridge-files.js';
import { bridgeProgram, bridgeRevival, bridgeVersion, type BridgeOptions, type BridgePorts } from './bridge-options.js';
import { BridgeBusyError, BridgeNotStartedError, BridgePortsDifferError } from './bridge-errors.js';
import { bridgeIdentity } from './bridge-identity.js';
import { type BridgeIdentity, StartMessage } from './bridge-protocol.js';
import { endBridge, retire } from './stop-bridge.js';
import { whyReplace } from './why-replace.js';

/** How long a bridge may take until it serves, in milliseconds: sshd and the hub's database start meanwhile. */
const START_WITHIN = 20_000;

/** How long a bridge must be silent before it counts as wedged and is ended, in milliseconds. */
const SILENT_FOR = 10_000;

const NEEDS_REACH =
  'This machine connects out from another host, so the relay must listen on the network too, which needs a new bridge. ' +
  'Try again when the bridge is idle, or stop it: npx build-machines bridge stop --force.';

/**
 * Makes sure that the bridge of this user runs with these ports. Costs one request when it does. It outlives this
 * process. Called by many processes at once, it starts one. One bridge serves all workspaces and releases of an account;
 * it is replaced only while it works for nobody, and only for a reason of {@link whyReplace}.
 * @throws BridgePortsDifferError, BridgeNotStartedError; BridgeBusyError when it must listen for other hosts too; RemoteReportedError with the code `relay-port-taken` or
 * `hub-port-taken` and the daemon's words, and for whatever else hindered it.
 */
export async function ensureBridge(
  options: BridgeOptions & { readonly signal?: AbortSignal },
): Promise<{ readonly identity: BridgeIdentity; readonly started: boolean }> {
  const { state, bundle, ports, signal } = options;
  const wanted = { release: options.release, bundle, version: await bridgeVersion(bundle), ports };
  const present = await bridgeIdentity(state);
  if (present !== undefined) {
    refuseOtherPorts(present, ports, state);
    if (whyReplace(present, wanted) === undefined) return { identity: present, started: false };
  }
  await ensurePrivateFolder(state.root);
  await ensurePrivateFolder(state.bridge);
  return withLock(bridgeFiles(state).startLock, async () => {
    signal?.throwIfAborted();
    const again = await patientIdentity(state);
    if (again !== undefined) {
      refuseOtherPorts(again, ports, state);
      const why = whyReplace(again, wanted);
      if (why === undefined) return { identity: again, started: false };
      // What is busy is never replaced. The relay of one that ends is adopted by the next one, so no tunnel breaks.
      const busy = await retire(bridgeFiles(state).socket, 'keep');
      if (busy !== undefined && why === 'reach') throw new BridgeBusyError(busy, NEEDS_REACH);
      if (busy !== undefined) return { identity: again, started: false };
      await endBridge(state, 'keep');
    }
    await endSilentInstance(state);
    const identity = (await start(options)) ?? (await startedByAnother(state));
    return { identity, started: true };
  });
}

/** The identity of a bridge that may be slow, because the computer is: only one that stays silent is in the way. */
async function patientIdentity(state: StateFolder): Promise<BridgeIdentity | undefined> {
  const deadline = performance.now() + SILENT_FOR;
  for (;;) {
    const identity = await bridgeIdentity(state);
    if (identity !== undefined || performance.now() >= deadline) return identity;
    if ((await runningInstance(bridgeFiles(state).instance)) === undefined) return undefined;
    await sleep(100);
  }
}

/** A sandbox's supervisor was quicker than we: its bridge is about to serve. */
async function startedByAnother(state: StateFolder): Promise<BridgeIdentity> {
  const deadline = performance.now() + START_WITHIN;
  while (performance.now() < deadline) {
    const identity = await bridgeIdentity(state);
    if (identity !== undefined) return identity;
    await sleep(100);
  }
  throw new BridgeNotStartedError('another one that was being started does not answer', bridgeFiles(state).log);
}

/** @throws BridgePortsDifferError */
function refuseOtherPorts({ ports: { relay, hub } }: BridgeIdentity, ports: BridgePorts, state: StateFolder): void {
  if (relay !== ports.relay || hub !== ports.hub)
    throw new BridgePortsDifferError(
      `relay ${String(relay)} and hub ${String(hub)}`,
      `relay ${String(ports.relay)} and hub ${String(ports.hub)}`,
      state.root,
    );
}

/** An instance on record that does not answer is in the way. */
async function endSilentInstance(state: StateFolder): Promise<void> {
  const instance = await runningInstance(bridgeFiles(state).instance);
  if (instance !== undefined) await endProcesses([instance], { signal: 'SIGHUP', graceMs: 5_000 });
}

/** Returns undefined when another instance already runs. */
async function start(options: BridgeOptions): Promise<BridgeIdentity | undefined> {
  const { log, revival } = bridgeFiles(options.state);
  await writePrivate(revival, `${JSON.stringify(bridgeRevival(options))}\n`);
  const output = openSync(log, 'a', 0o600);
  try {
    const child = spawnDaemon(bridgeProgram(options), ['ignore', output, output, 'ipc']);
    try {
      return await firstWord(child, log);
    } finally {
      if (child.connected) child.disconnect();
      child.unref();
    }
  } finally {
    closeSync(output);
  }
}

function firstWord(child: ChildProcess, log: string): Promise<BridgeIdentity | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGHUP');
      reject(new BridgeNotStartedError(`it was not ready after ${String(START_WITHIN / 1000)} s`, log));
    }, START_WITHIN);
    const settle = (done: () => void) => {
      clearTimeout(timer);
      done();
    };
    child.once('error', (error) => {
      settle(() => {
        reject(new BridgeNotStartedError(error.message, log, error));
      });
    });
    // What exits is the process in between; it fails only when the program cannot be started.
    child.once('exit', (code, signal) => {
      if (code === 0) return;
      settle(() => {
        reject(new BridgeNotStartedError(`it ended with ${signal ?? `status ${String(code)}`}`, log));
      });
    });
    // The channel is the daemon's own. One that finds another instance running closes it without a word.
    child.once('disconnect', () => {
      settle(() => {
        resolve(undefined);
      });
    });
    child.once('message', (raw) => {
      settle(() => {
        const message = StartMessage.parse(raw);
        if ('ready' in message) resolve(message.ready);
        else reject(new RemoteReportedError(message.failed));
      });
    });
  });
}
