import { ensureBridge, stopBridge } from '@build-machines/remote';
import type { Command } from 'commander';
import prettyBytes from 'pretty-bytes';
import { connectHub } from '../hub/connect-hub.js';
import { withHubOptions, type HubCommandOptions } from '../hub/hub-options.js';
import { thisBridge } from '../hub/this-bridge.js';
import { printAnswer } from '../output/answer.js';
import { ago } from '../../reporting/durations.js';
import type { Surroundings } from '../surroundings.js';
import { addHubBackup, addHubRestore } from './hub-backup.js';
import { addCacheEnv } from './hub-cache-env.js';
import { addInstallService } from './hub-service.js';
import { addHubOpen } from './hub-open.js';
import { addHubToken } from './hub-token.js';

/** `hub status|open|start|stop|backup|restore|cache-env|install-service|token`: the State Hub. */
export function addHub(program: Command, surroundings: Surroundings): void {
  const hub = program.command('hub').description('The State Hub: who is there, who is busy, what happened');
  addStatus(hub, surroundings);
  addHubOpen(hub, surroundings);
  hub
    .command('start')
    .description('Start the embedded hub; it is a part of the bridge, which starts with it')
    .option('--json', 'print one JSON document')
    .action(async ({ json }: HubCommandOptions) => {
      const bridge = await thisBridge(surroundings);
      const { started } = await ensureBridge({ ...bridge, signal: surroundings.signal });
      const url = `http://127.0.0.1:${bridge.ports.hub}`;
      const text = `The State Hub ${started ? 'is started' : 'runs already'}: ${url}\n`;
      printAnswer(surroundings, json, { data: { started, url }, text });
    });
  hub
    .command('stop')
    .description('Stop the embedded hub, with the bridge that it is a part of')
    .option('--force', 'stop it although it works for somebody')
    .option('--json', 'print one JSON document')
    .action(async ({ json, force = false }: HubCommandOptions & { readonly force?: boolean }) => {
      const stopped = await stopBridge(surroundings.state, { force });
      const text = stopped ? 'The State Hub is stopped, with its bridge.\n' : 'The State Hub was not running.\n';
      printAnswer(surroundings, json, { data: { stopped }, text });
    });
  addHubBackup(hub, surroundings);
  addHubRestore(hub, surroundings);
  addCacheEnv(hub, surroundings);
  addInstallService(hub, surroundings);
  addHubToken(hub, surroundings);
}

function addStatus(hub: Command, surroundings: Surroundings): void {
  withHubOptions(hub.command('status').description('Show whether the hub answers, and what it holds')).action(
    async ({ hub: url, json }: HubCommandOptions) => {
      const client = await connectHub(surroundings, url);
      const { signal } = surroundings;
      const [health, machines, queue, cache] = await Promise.all([
        client.health(signal),
        client.listMachines({}, signal),
        client.queue(signal),
        client.cacheStatistics(signal),
      ]);
      const states = ['ready', 'stale', 'gone'] as const;
      const counts = states.map((state) => `${machines.filter((entry) => entry.state === state).length} ${state}`);
      const text = [
        `hub       ${client.url} (version ${health.version}, process ${health.pid}, started ${ago(health.started_at, surroundings.now())})`,
        `machines  ${counts.join(', ')}`,
        `queue     ${queue.leases.length} leased, ${queue.waiting.length} waiting`,
        `cache     ${cache.entries} entries, ${prettyBytes(cache.bytes)} of ${prettyBytes(cache.max_bytes)}`,
        '',
      ].join('\n');
      printAnswer(surroundings, json, { data: { url: client.url, health, machines, queue, cache }, text });
    },
  );
}
