import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { bump, type Cluster, embedding, executable, wordEdit } from '../cluster.js';

/** Runs a program of the workspace, as Nx's targets do. */
function node(root: string, script: string): void {
  execFileSync(process.execPath, [script], { cwd: root });
}

const spread = '...';
const dependent = { dependentTasksOutputFiles: '**/*' };

/** A front end that another target makes, which git ignores, embedded in programs: directly and through a link. */
export const embedded: Cluster = {
  folder: 'web',
  packages: [
    { project: 'web-embed', executables: ['web-embed'] },
    { project: 'web-linked', executables: ['web-linked'] },
  ],
  files: {
    'web/cabal.project': 'packages: embed linked\n',
    'web/front/project.json': JSON.stringify({
      name: 'web-front',
      targets: {
        build: {
          command: 'node web/front/build.js',
          cache: true,
          inputs: ['{projectRoot}/*.js', '{projectRoot}/*.txt'],
          outputs: ['{projectRoot}/dist'],
        },
      },
    }),
    'web/front/build.js': `const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
mkdirSync('web/front/dist', { recursive: true });
writeFileSync('web/front/dist/app.js', 'built-word0 ' + readFileSync('web/front/page.txt', 'utf8').trim());
`,
    'web/front/page.txt': 'word0\n',
    'web/embed/web-embed.cabal': executable('web-embed'),
    'web/embed/Main.hs': embedding('../front/dist/app.js'),
    'web/embed/project.json': JSON.stringify({
      name: 'web-embed',
      targets: { 'remote-build': { dependsOn: [spread, 'web-front:build'], inputs: [spread, dependent] } },
    }),
    'web/linked/web-linked.cabal': executable('web-linked'),
    'web/linked/Main.hs': embedding('static/app.js'),
    'web/linked/project.json': JSON.stringify({
      name: 'web-linked',
      targets: { 'remote-build': { dependsOn: [spread, 'web-front:build'], inputs: [spread, dependent] } },
    }),
  },
  prepare: ({ root }) => {
    symlinkSync('../front/dist', join(root, 'web/linked/static'));
  },
  generate: (root) => {
    node(root, 'web/front/build.js');
  },
  edits: [
    wordEdit('what another target builds from', 'web/front/page.txt'),
    wordEdit('how another target builds', 'web/front/build.js'),
  ],
};

/** A module that a target makes and git ignores, but Nx is told not to. */
export const generated: Cluster = {
  folder: 'gen',
  packages: [{ project: 'gen-svc', executables: ['gen-svc'] }],
  files: {
    'gen/cabal.project': 'packages: svc\n',
    'gen/generate.js': `const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
mkdirSync('gen/svc/gen', { recursive: true });
const text = 'module Gen where\\n\\ngen :: String\\ngen = ' + JSON.stringify(readFileSync('gen/schema.txt', 'utf8')) + '\\n';
writeFileSync('gen/svc/gen/Gen.hs', text);
`,
    'gen/schema.txt': 'word0',
    'gen/svc/gen-svc.cabal': executable('gen-svc', '', '  hs-source-dirs: app gen\n  other-modules: Gen\n'),
    'gen/svc/app/Main.hs':
      'module Main (main) where\n\nimport Gen\n\nmain :: IO ()\nmain = putStrLn (gen ++ " svc-word0")\n',
  },
  prepare: ({ root }) => {
    node(root, 'gen/generate.js');
  },
  generate: (root) => {
    node(root, 'gen/generate.js');
  },
  edits: [
    {
      name: 'a generated module that git ignores',
      apply: (editing) => {
        bump(editing, 'gen/schema.txt');
        node(editing.workspace.root, 'gen/generate.js');
      },
    },
    wordEdit('a source beside a generated one', 'gen/svc/app/Main.hs'),
  ],
};
