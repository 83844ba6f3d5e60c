// `npm run quickstart`: from a fresh clone to a Haskell program that was compiled and tested on a build machine.
// The machine is a sandbox on this computer: real sshd, real tunnel, real agent.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from '../setup/install.mjs';
import { ensureNodeModules } from '../setup/node-modules.mjs';
import { runtimePackages } from '../setup/packages.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const program = 'dist/remote/hello-haskell/bin/hello-haskell';

try {
  await ensurePackages(runtimePackages, { assumeYes: Boolean(process.env.CI) || process.argv.includes('--yes') });
  ensureNodeModules(root);
  step('A build machine on this computer', 'npx nx run sandbox:up');
  step('Compile on it', 'npx nx run hello-haskell:remote-build');
  step('Test on it', 'npx nx run hello-haskell:remote-test');
  step('Bring the program here', 'npx nx run hello-haskell:fetch-artifacts');
  if (!existsSync(join(root, program))) throw new Error(`${program} was not fetched.`);
  step('Run it', `./${program}`);
  console.log(`
Done. What to try next:
  npx nx run hello-haskell:remote-build        again: a cache hit
  npx nx affected -t remote-test               after an edit below examples/hello-haskell
  npx nx run hello-haskell:remote-ghci         an interactive GHCi on the machine
  npx nx run sandbox:bridge-status             tunnel, agent and hub at a glance
  node libs/build-machines/dist/cli.cjs hub open   the State Hub's page
  npx nx run sandbox:down                      end the machine; nothing stays running
`);
} catch (error) {
  console.error(`\n✖ ${error.message}`);
  process.exitCode = 1;
}

/** Prints a heading and the command, runs it, and ends the quickstart when it fails. The commands hold no quoting. */
function step(title, commandLine) {
  console.log(`\n━━ ${title}\n$ ${commandLine}`);
  const [command, ...args] = commandLine.split(' ');
  const env = { ...process.env, NX_TUI: 'false' };
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
  if (result.status !== 0) throw new Error(`\`${commandLine}\` failed; its own message is above.`);
}
