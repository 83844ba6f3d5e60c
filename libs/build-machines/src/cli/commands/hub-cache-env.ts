import { cacheAccess, ensureBridge } from '@build-machines/remote';
import { BuildMachinesError } from '@build-machines/protocol';
import type { Command } from 'commander';
import { thisBridge } from '../hub/this-bridge.js';
import { printAnswer } from '../output/answer.js';
import type { Surroundings } from '../surroundings.js';

/** The bridge runs, and has no remote cache. */
export class NoRemoteCacheError extends BuildMachinesError {
  readonly code = 'no-remote-cache';
  constructor() {
    super('The bridge has no remote cache.', { hint: 'Its log says why: npx build-machines bridge status' });
  }
}

/** `hub cache-env`: what Nx needs in its environment to use the hub as its remote cache. */
export function addCacheEnv(hub: Command, surroundings: Surroundings): void {
  hub
    .command('cache-env')
    .description('Print the variables by which Nx uses the hub\'s remote cache: eval "$(… hub cache-env)"')
    .option('--json', 'print one JSON document')
    .action(async ({ json }: { json?: boolean }) => {
      const { signal, state } = surroundings;
      await ensureBridge({ ...(await thisBridge(surroundings)), signal });
      const access = await cacheAccess(state);
      if (access === undefined) throw new NoRemoteCacheError();
      const variables = {
        NX_SELF_HOSTED_REMOTE_CACHE_SERVER: access.url,
        NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: access.token,
      };
      // Both values are of letters, digits and signs that no shell reads.
      const text = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`);
      printAnswer(surroundings, json, { data: variables, text: text.join('') });
    });
}
