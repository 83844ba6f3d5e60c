import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { BridgeRevival, StateFolder, WorkstationAccount } from '@build-machines/machines';
import { z } from 'zod';
import { bridgeFiles } from './bridge-files.js';
import { BridgeBundleMissingError } from './bridge-errors.js';

const Port = z.coerce.number().int().min(1).max(65_535);

/** Where the bridge's two services listen. */
export const BridgePorts = z.object({
  relay: Port.describe('services.relay of port-registry.yml'),
  relayAddress: z.string().describe('127.0.0.1, or 0.0.0.0 when machines on other hosts connect out to it.'),
  hub: Port.describe('services.hub of port-registry.yml'),
});
export type BridgePorts = z.infer<typeof BridgePorts>;

/** How a bridge is started. */
export interface BridgeOptions {
  readonly state: StateFolder;
  /** Absolute path of bridge.cjs. */
  readonly bundle: string;
  readonly ports: BridgePorts;
  readonly account: WorkstationAccount;
  /** Release of this plugin, such as `0.1.0`. */
  readonly release: string;
}

/** A program with all that it is started with. */
export interface BridgeProgram {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/** The command line of the daemon. The environment is complete: nothing of a task's leaks into what outlives it. */
export function bridgeProgram({ state, bundle, ports, account, release }: BridgeOptions): BridgeProgram {
  return {
    command: process.execPath,
    args: [
      bundle,
      'serve',
      '--state',
      state.root,
      '--relay-port',
      String(ports.relay),
      '--relay-address',
      ports.relayAddress,
      '--hub-port',
      String(ports.hub),
      '--release',
      release,
    ],
    env: { HOME: account.home, PATH: account.path, LANG: account.locale, USER: account.user, LOGNAME: account.user },
    cwd: '/',
  };
}

/** The file from which a sandbox's supervisor learns how to bring a killed bridge back. */
export function bridgeRevivalFile(state: StateFolder): string {
  return bridgeFiles(state).revival;
}

/** What that file holds. */
export function bridgeRevival(options: BridgeOptions): BridgeRevival {
  const { instance, stopped } = bridgeFiles(options.state);
  return { ...bridgeProgram(options), instanceFile: instance, stoppedFile: stopped };
}

/**
 * The version of a bridge: the digest of its bundle.
 * @throws BridgeBundleMissingError
 */
export async function bridgeVersion(bundle: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(bundle)) hash.update(chunk as Buffer);
  } catch (error) {
    throw new BridgeBundleMissingError(bundle, error);
  }
  return hash.digest('hex').slice(0, 16);
}
