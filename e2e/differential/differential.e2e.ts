import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubClient, type RunningHub, startHub } from '@build-machines/state-hub';
import { journey } from '../support/journey.js';
import { writeTree } from '../support/workspace.js';
import { byNx, byPlainCabal } from './outcomes.js';
import { clusters, IGNORED, planned } from './plan.js';
import { Choices } from './random.js';
import { ways } from './ways.js';

/**
 * The same edits again: DIFFERENTIAL_SEED is in the name of the block that failed. More of them: DIFFERENTIAL_EDITS=300.
 * Only one cluster: DIFFERENTIAL_ONLY=core.
 */
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 12);
const count = Number(process.env.DIFFERENTIAL_EDITS ?? 40);
const only = process.env.DIFFERENTIAL_ONLY;
const choices = new Choices(seed);
const steps = planned(count, choices).filter(({ cluster }) => only === undefined || cluster.folder === only);
const compared = clusters.filter(({ folder }) => only === undefined || folder === only);

const ADMIN_TOKEN = 'an-admin-token-for-the-cache-0123456789';

describe(`after any edit, the result is that of plain cabal in a clean clone (seed ${seed})`, () => {
  let folder: string;
  let hub: RunningHub;
  let remoteCache: Record<string, string>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hub-'));
    hub = await startHub({ port: 0, databaseFile: join(folder, 'hub.db'), adminToken: ADMIN_TOKEN });
    const { token } = await new HubClient({ url: hub.url, token: ADMIN_TOKEN }).createToken({
      role: 'cache-write',
      name: 'differential',
    });
    remoteCache = { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: hub.url, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token };
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const workspace = journey({
    prepare: (made) => {
      writeTree(made, {
        'nx.json': JSON.stringify({
          plugins: [{ plugin: 'build-machines', options: { env: ['FLAVOUR'] } }],
          analytics: false,
          neverConnectToCloud: true,
        }),
        '.gitignore': IGNORED,
        '.nxignore': '!gen/svc/gen/\n!sub/mod/dist/\n!sub/mod/dist/words.txt\n',
      });
      for (const cluster of compared) {
        writeTree(made, cluster.files);
        cluster.prepare?.(made);
      }
    },
  });

  it.each(compared.map((cluster) => [cluster.folder, cluster] as const))('%s: at the beginning', async (_, cluster) => {
    const right = byPlainCabal(workspace(), cluster);
    // A package that does not even build at first would agree for ever.
    const broken = Object.entries(right).filter(([, { says, tests }]) => typeof says === 'string' || tests === 'fail');
    expect(broken).toEqual([]);
    for (const way of ways.slice(0, 2)) {
      const { outcomes, output } = await byNx(workspace(), cluster, way, remoteCache);
      expect({ way: way.name, outcomes, output }).toEqual({ way: way.name, outcomes: right, output });
    }
  });

  it.each(steps.map((step, index) => [index + 1, step.edit.name, step.cluster.folder, step.way.name, step] as const))(
    '%i: %s (%s, %s)',
    async (serial, _name, _folder, _way, { cluster, edit, way }) => {
      await edit.apply({ workspace: workspace(), serial, choose: (among) => choices.one(among) });
      const right = byPlainCabal(workspace(), cluster);
      const { outcomes, output } = await byNx(workspace(), cluster, way, remoteCache);
      expect({ outcomes, output }).toEqual({ outcomes: right, output });
    },
  );
});
