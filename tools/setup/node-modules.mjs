// Installs the npm packages when they are missing or older than the lock file. Plain Node, no dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Makes sure that `node_modules` matches package-lock.json and that the plugin is built (npm's `prepare` does that). */
export function ensureNodeModules(root) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node ${process.versions.node} is too old: install Node 20.19 or later (https://nodejs.org).`);
  }
  const installed = join(root, 'node_modules/.package-lock.json');
  const current =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
  const command = current ? ['run', 'build'] : ['ci', '--no-audit', '--no-fund'];
  const result = spawnSync('npm', command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) throw new Error(`npm ${command.join(' ')} failed.`);
}
