// The programs that run as processes of their own: what the build puts into the package, and what the tests drive.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export const manifest = JSON.parse(readFileSync(join(root, 'libs/build-machines/package.json'), 'utf8'));

/** What npm installs beside the published package; our own libraries and ESM-only packages go into the bundles. */
const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)].flatMap((name) => [
  name,
  `${name}/*`,
]);

/** Where a program runs: the workstation has the package's dependencies, a machine has nothing but an older Node. */
const workstation = { target: 'node20', external: installed };
const machine = { target: 'node18', external: [] };

/**
 * @typedef {object} Program
 * @property {string} name of the bundle, in the package's dist folder.
 * @property {string} entry below the repository.
 * @property {string} target of esbuild.
 * @property {string[]} external what stays outside the bundle.
 */

/** @type {Program[]} */
export const programs = [
  { name: 'plugin.cjs', entry: 'libs/build-machines/src/plugin.ts', ...workstation },
  { name: 'cli.cjs', entry: 'libs/build-machines/src/cli/main.ts', ...workstation },
  { name: 'bridge.cjs', entry: 'libs/remote/src/bridge/main.ts', ...workstation },
  { name: 'hub.cjs', entry: 'libs/state-hub/src/main.ts', ...workstation },
  { name: 'agent/build-agent.cjs', entry: 'agent/src/main.ts', ...machine },
  { name: 'sandbox-supervisor.cjs', entry: 'libs/machines/src/providers/sandbox/supervisor-main.ts', ...machine },
];

/** Programs of tests, which do as a process of their own what an executor does. @type {Program[]} */
export const testPrograms = [
  { name: 'allocate.cjs', entry: 'libs/machines/src/testing/allocate-program.ts', ...workstation },
  { name: 'write-and-crash.cjs', entry: 'libs/owned-files/src/testing/write-and-crash.ts', ...workstation },
  { name: 'run.cjs', entry: 'libs/remote/src/testing/run-program.ts', ...workstation },
  { name: 'session.cjs', entry: 'libs/remote/src/testing/session-program.ts', ...workstation },
];

const libraries = ['protocol', 'owned-files', 'sources', 'machines', 'remote', 'state-hub', 'haskell'];

/** Options of esbuild for what runs on a workstation. */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  logLevel: 'warning',
  legalComments: 'none',
  define: { 'process.env.BUILD_MACHINES_VERSION': JSON.stringify(manifest.version) },
  alias: Object.fromEntries(
    libraries.map((name) => [`@build-machines/${name}`, join(root, 'libs', name, 'src/index.ts')]),
  ),
  ...workstation,
};
