import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxLayout, stateFolder } from '@build-machines/machines';
import { up } from '../support/machine.js';
import { nx, writeTree } from '../support/workspace.js';
import { succeeded } from '../support/nx-output.js';
import type { Cluster, EditKind } from './cluster.js';
import { core } from './clusters/core.js';
import { customs } from './clusters/customs.js';
import { embedded, generated } from './clusters/generated.js';
import { hpack } from './clusters/hpack.js';
import { root, signs } from './clusters/named.js';
import { packed, submodule, vendored } from './clusters/vendored.js';
import type { Choices } from './random.js';
import { type Way, ways } from './ways.js';

/** The workspace's .gitignore. */
export const IGNORED = 'node_modules\ndist\ndist-newstyle\n.nx\n.build-machines\ngen/svc/gen\n';

export const clusters: readonly Cluster[] = [
  core,
  hpack,
  embedded,
  generated,
  vendored,
  packed,
  submodule,
  customs,
  signs,
  root,
];

/** Edits that any of some clusters may see. */
function anywhere({ folder }: Cluster): EditKind[] {
  return [
    {
      name: 'back to an earlier state',
      apply: ({ workspace, choose }) => {
        const git = (...args: string[]): string => execFileSync('git', args, { cwd: workspace.root, encoding: 'utf8' });
        const commits = git('log', '--format=%H', '-n', '12').trim().split('\n');
        const to = choose(commits);
        const added = git('diff', '--name-only', '-z', '--diff-filter=A', to, '--', folder).split('\0');
        for (const path of added.filter((path) => path !== '')) rmSync(join(workspace.root, path), { force: true });
        git('checkout', '--quiet', to, '--', folder);
      },
    },
    {
      name: 'nx reset',
      apply: async ({ workspace }) => {
        succeeded(await nx(workspace, ['reset']));
      },
    },
  ];
}

const coreOnly: EditKind[] = [
  {
    name: 'cabal.project.local becomes ignored, or is so no more',
    apply: ({ workspace }) => {
      const path = 'core/cabal.project.local';
      writeTree(workspace, { [path]: 'package core-lib\n  flags: +loud\n' });
      const ignored = readFileSync(join(workspace.root, '.gitignore'), 'utf8') !== IGNORED;
      writeTree(workspace, { '.gitignore': ignored ? IGNORED : `${IGNORED}cabal.project.local\n` });
      if (!ignored)
        execFileSync('git', ['rm', '--quiet', '--cached', '--ignore-unmatch', path], { cwd: workspace.root });
    },
  },
  {
    name: 'an environment variable',
    apply: ({ workspace, serial, choose }) => {
      // The object is this workstation's own, and plain cabal gets the same.
      if (choose([true, false])) workspace.workstation.env.FLAVOUR = `of-word${String(serial)}`;
      else delete workspace.workstation.env.FLAVOUR;
    },
  },
  {
    name: "the machine's configuration of cabal",
    apply: async ({ workspace, serial }) => {
      const { home } = sandboxLayout(stateFolder(workspace.workstation.env), 'sandbox');
      appendFileSync(join(home, '.cabal/config'), `-- ${String(serial)}\n`);
      await up(workspace);
    },
  },
];

/** An edit, where it is done, and how the result is asked for. */
export interface Step {
  readonly cluster: Cluster;
  readonly edit: EditKind;
  readonly way: Way;
}

/** So many edits, every kind before any comes twice. */
export function planned(count: number, choices: Choices): Step[] {
  const all = clusters.flatMap((cluster) => {
    const own = cluster === core ? [...cluster.edits, ...coreOnly] : cluster.edits;
    const more = [core, hpack, customs, signs].includes(cluster) ? anywhere(cluster) : [];
    return [...own, ...more].map((edit) => ({ cluster, edit }));
  });
  const steps: Step[] = [];
  while (steps.length < count)
    for (const { cluster, edit } of choices.shuffled(all))
      if (steps.length < count) steps.push({ cluster, edit, way: ways[steps.length % ways.length]! });
  return steps;
}
