import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  endProcesses,
  ensurePrivateFolder,
  runningInstance,
  spawnDaemon,
  withLock,
  type StateFolder,
} from '@build-machines/machines';
import { RemoteReportedError } from '@build-machines/protocol';
import { text } from 'node:stream/consumers';
import { bridgeFiles } from './bridge-files.js';
import { bridgeProgram, bridgeVersion, type BridgeOptions, type BridgePorts } from './bridge-options.js';
import { BridgeNotStartedError, BridgePortsDifferError } from './bridge-errors.js';
import { BridgeIdentity, StartMessage } from './bridge-protocol.js';
import { bridgeRequest } from './bridge-request.js';
import { endBridge } from './stop-bridge.js';

/** How long a bridge may take until it serves, in milliseconds: sshd and the hub's database start meanwhile. */
const START_WITHIN = 20_000;

/** How long a healthy bridge takes to say who it is, at most, in milliseconds. */
const ANSWER_WITHIN = 2_000;

/**
 * Makes sure that the bridge of this user runs, in this version and with these ports. Costs one request when it does. It
 * outlives this process. Called by many processes at once, it starts one.
 * @throws BridgePortsDifferError, BridgeNotStartedError; RemoteReportedError with the code `relay-port-taken` or
 * `hub-port-taken` and the daemon's words, and for whatever else hindered it.
 */
export async function ensureBridge(
  options: BridgeOptions & { readonly signal?: AbortSignal },
): Promise<{ readonly identity: BridgeIdentity; readonly started: boolean }> {
  const { state, bundle, ports, signal } = options;
  const version = await bridgeVersion(bundle);
  const present = await bridgeIdentity(state);
  if (present !== undefined && isWanted(present, version, ports, state)) return { identity: present, started: false };
  await ensurePrivateFolder(state.root);
  await ensurePrivateFolder(state.bridge);
  return withLock(bridgeFiles(state).startLock, async () => {
    signal?.throwIfAborted();
    const again = await bridgeIdentity(state);
    if (again !== undefined) {
      if (isWanted(again, version, ports, state)) return { identity: again, started: false };
      // Another version. Its relay is adopted by the next one, so no tunnel breaks.
      await endBridge(state, 'keep');
    }
    await endSilentInstance(state);
    const identity = (await start(options)) ?? (await startedByAnother(state));
    return { identity, started: true };
  });
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

/** Who serves on the bridge's socket; undefined when nobody answers there. */
export async function bridgeIdentity(state: StateFolder): Promise<BridgeIdentity | undefined> {
  try {
    const request = { method: 'GET', path: '/identity', signal: AbortSignal.timeout(ANSWER_WITHIN) } as const;
    const { body } = await bridgeRequest(bridgeFiles(state).socket, request);
    return BridgeIdentity.parse(JSON.parse(await text(body)));
  } catch {
    return undefined; // Not there, wedged, or of a version that speaks otherwise: in each case it is to be replaced.
  }
}

function isWanted(present: BridgeIdentity, version: string, ports: BridgePorts, state: StateFolder): boolean {
  const { relay, hub, relayAddress } = present.ports;
  if (relay !== ports.relay || hub !== ports.hub)
    throw new BridgePortsDifferError(
      `relay ${String(relay)} and hub ${String(hub)}`,
      `relay ${String(ports.relay)} and hub ${String(ports.hub)}`,
      state.root,
    );
  // A relay that listens for other hosts serves this computer as well.
  const reaches =
    relayAddress === ports.relayAddress || (relayAddress === '0.0.0.0' && ports.relayAddress === '127.0.0.1');
  return present.version === version && reaches;
}

/** An instance on record that does not answer is in the way. */
async function endSilentInstance(state: StateFolder): Promise<void> {
  const instance = await runningInstance(bridgeFiles(state).instance);
  if (instance !== undefined) await endProcesses([instance], { signal: 'SIGHUP', graceMs: 5_000 });
}

/** Returns undefined when another instance already runs. */
async function start(options: BridgeOptions): Promise<BridgeIdentity | undefined> {
  const { log } = bridgeFiles(options.state);
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
