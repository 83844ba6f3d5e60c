// Installs missing Debian/Ubuntu packages: says what and why, asks unless told not to. Plain Node, no dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';

/**
 * Makes sure that the packages are there.
 * @param {Record<string, string>} packages what it is for, by package name.
 * @param {{assumeYes: boolean}} options assumeYes: install without asking (CI).
 * @throws Error with a message for people when something is missing and was not installed.
 */
export async function ensurePackages(packages, { assumeYes }) {
  if (!isDebianLike()) {
    console.log(
      `This is not Debian or Ubuntu: install the counterparts of ${Object.keys(packages).join(', ')} yourself.`,
    );
    return;
  }
  const missing = Object.keys(packages).filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  console.log('These packages are missing:');
  for (const name of missing) console.log(`  ${name.padEnd(18)} ${packages[name]}`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  // Through env, because sudo hands no variables on.
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  const command = [...apt, 'install', '-y', '--no-install-recommends', ...missing];
  if (!assumeYes && !(await confirmed(`Install them now with \`${command.join(' ')}\`? [Y/n] `))) {
    throw new Error(`Install them with: ${command.join(' ')}`);
  }
  run([...apt, 'update', '-qq']);
  run(command);
  if (missing.includes('openssh-server') && existsSync('/run/systemd/system')) {
    console.log('Switching the system SSH service off that came with openssh-server: nothing here needs it.');
    run([...asRoot, 'systemctl', 'disable', '--now', 'ssh']);
  }
}

function isDebianLike() {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false; // No os-release: macOS, for example.
  }
}

function isInstalled(name) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return query.status === 0 && query.stdout === 'installed';
}

async function confirmed(question) {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return !/^n/i.test(await prompt.question(question));
  } finally {
    prompt.close();
  }
}

function run([command, ...args]) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) throw new Error(`${[command, ...args].join(' ')} failed.`);
}
