import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { downloads } from './repository.js';

/**
 * The sources of a Debian package of this system's release, unpacked and with Debian's patches, as `apt-get source`
 * gives them. Kept in the download folder; nothing of the system's own apt configuration is changed.
 * @returns the folder.
 */
export function debianSource(name: string): string {
  const kept = join(downloads, 'sources', name);
  if (!existsSync(kept)) {
    const staging = `${kept}.${process.pid}`;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    execFileSync('apt-get', [...privateApt(), '--quiet', 'source', name], { cwd: staging, stdio: 'pipe' });
    const folder = readdirSync(staging, { withFileTypes: true }).find((entry) => entry.isDirectory());
    if (folder === undefined) throw new Error(`apt-get source ${name} left no folder in ${staging}`);
    renameSync(join(staging, folder.name), kept);
    rmSync(staging, { recursive: true });
  }
  return kept;
}

/**
 * Makes sure that a package's libraries are installed.
 * @throws Error with the command to run, where this user may not install.
 */
export function requirePackage(name: string): void {
  const status = execFileSync('dpkg-query', ['--show', '--showformat=${Package} ${Status}\n'], { encoding: 'utf8' });
  if (status.split('\n').includes(`${name} install ok installed`)) return;
  if (process.getuid?.() !== 0) throw new Error(`${name} is missing: sudo apt-get install ${name}`);
  execFileSync('apt-get', ['--quiet', '--yes', 'install', '--no-install-recommends', name], { stdio: 'pipe' });
}

/** Options that give apt its own source list and state, made of the system's list with `deb-src` instead of `deb`. */
function privateApt(): string[] {
  const base = join(downloads, 'apt');
  const lists = join(base, 'sources.d');
  for (const folder of [lists, join(base, 'lists/partial'), join(base, 'cache/archives/partial')])
    mkdirSync(folder, { recursive: true });
  const options = [
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${lists}`,
    `Dir::State::Lists=${join(base, 'lists')}`,
    `Dir::Cache=${join(base, 'cache')}`,
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option]);
  if (!existsSync(join(lists, 'system.sources')) && !existsSync(join(lists, 'system.list'))) {
    copySystemSources(lists);
    execFileSync('apt-get', [...options, '--quiet', 'update'], { stdio: 'pipe' });
  }
  return options;
}

function copySystemSources(into: string): void {
  const system = '/etc/apt/sources.list.d';
  for (const [file, name] of [
    [join(system, 'debian.sources'), 'system.sources'],
    [join(system, 'ubuntu.sources'), 'system.sources'],
    ['/etc/apt/sources.list', 'system.list'],
  ] as const) {
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8')
      .replaceAll(/^Types: .*$/gm, 'Types: deb-src')
      .replaceAll(/^deb /gm, 'deb-src ');
    writeFileSync(join(into, name), text);
  }
}
