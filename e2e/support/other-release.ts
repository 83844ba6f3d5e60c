import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.js';
import { makeWorkspace, type Workspace } from './workspace.js';
import type { Workstation } from './workstation.js';

/**
 * Makes a workspace that has another release of the plugin: a copy of the built one with another version, and with
 * programs that differ.
 */
export function workspaceOfRelease(
  workstation: Workstation,
  {
    name,
    machines,
    release,
  }: { readonly name: string; readonly machines: readonly string[]; readonly release: string },
): Workspace {
  const workspace = makeWorkspace(workstation, machines, name);
  const modules = join(workspace.root, 'node_modules');
  rmSync(modules);
  mkdirSync(modules);
  const shared = join(repository, 'node_modules');
  for (const entry of readdirSync(shared))
    if (entry !== 'build-machines') symlinkSync(join(shared, entry), join(modules, entry));
  const plugin = join(modules, 'build-machines');
  for (const part of readdirSync(join(repository, 'libs/build-machines')))
    if (!['src', 'node_modules'].includes(part))
      cpSync(join(repository, 'libs/build-machines', part), join(plugin, part), { recursive: true });
  const manifest = join(plugin, 'package.json');
  const described = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
  writeFileSync(manifest, JSON.stringify({ ...described, version: release }));
  for (const program of ['agent/build-agent.cjs', 'sandbox-supervisor.cjs', 'bridge.cjs']) {
    const file = join(plugin, 'dist', program);
    if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm run build\` first`);
    appendFileSync(file, `\n// of release ${release}\n`);
  }
  return workspace;
}
