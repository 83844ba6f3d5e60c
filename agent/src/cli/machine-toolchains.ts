import { homedir } from 'node:os';
import type { AgentConfig } from '../config/agent-config.js';
import { runEnvironment, searchPath } from '../runs/run-environment.js';
import { cachingProbe } from '../toolchains/probe-version.js';
import { Toolchains } from '../toolchains/toolchains.js';

/** The search for tools, as a configuration describes it. */
export function machineToolchains(config: Pick<AgentConfig, 'name' | 'home' | 'tools'>, user: string): Toolchains {
  const path = searchPath(config.home, config.tools.searchPaths);
  const env = runEnvironment(
    { home: config.home, user },
    { path, toolchainBin: path[0] ?? '/usr/bin', temporaryFolder: '/tmp', cookie: 'probe' },
    {},
  );
  return new Toolchains({
    machine: config.name,
    explicit: config.tools.explicit,
    homes: [...new Set([config.home, homedir()])],
    opt: '/opt',
    path,
    probe: cachingProbe(env),
  });
}
