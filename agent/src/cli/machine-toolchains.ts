import { homedir } from 'node:os';
import type { AgentConfig } from '../config/agent-config.js';
import { runEnvironment, searchPath } from '../runs/run-environment.js';
import { osRelease } from '../server/os-name.js';
import { cachingProbe } from '../toolchains/probe-version.js';
import { Toolchains } from '../toolchains/toolchains.js';
import { TraitReader } from '../traits/trait-reader.js';

type MachineConfig = Pick<AgentConfig, 'name' | 'home' | 'tools'>;

/** PATH of runs, and the environment in which their tools are asked about themselves. */
function asRunsSee({ home, tools }: MachineConfig, user: string): { path: string[]; env: NodeJS.ProcessEnv } {
  const path = searchPath(home, tools.searchPaths);
  const run = { path, toolchainBin: path[0] ?? '/usr/bin', temporaryFolder: '/tmp', cookie: 'probe' };
  return { path, env: runEnvironment({ home, user }, run, {}) };
}

/** What builds see of this machine, as a configuration describes it. */
export async function machineTraits(config: MachineConfig, user: string): Promise<TraitReader> {
  const homes = [...new Set([config.home, homedir()])];
  const os = await osRelease();
  return new TraitReader({ root: '/', home: config.home, homes, os, ...asRunsSee(config, user) });
}

/** The search for tools, as a configuration describes it. */
export function machineToolchains(config: MachineConfig, user: string): Toolchains {
  const { path, env } = asRunsSee(config, user);
  return new Toolchains({
    machine: config.name,
    explicit: config.tools.explicit,
    homes: [...new Set([config.home, homedir()])],
    opt: '/opt',
    path,
    probe: cachingProbe(env),
  });
}
