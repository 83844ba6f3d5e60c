// Builds the published package into libs/build-machines/dist. Runs from npm's `prepare`, so that the plugin exists
// before Nx, which loads it from nx.json, computes its first graph. Plain esbuild rather than an Nx target for that
// reason: an Nx target that builds the plugin that Nx needs to start would never run in a fresh clone.
import { build } from 'esbuild';
import { existsSync, rmSync } from 'node:fs';
import { cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleProgram } from './bundle-program.mjs';
import { buildHubPage } from './hub-page.mjs';
import { bundleOptions, programs, root } from './programs.mjs';

const plugin = join(root, 'libs/build-machines');
const source = join(plugin, 'src');
const target = join(plugin, 'dist');
/** Built beside the target and swapped in at the end, so that a running Nx never sees half a plugin. */
const staging = join(plugin, `.dist-${process.pid}`);

try {
  rmSync(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  for (const program of programs) await bundleProgram(program, staging);
  await buildEntries('executors', (name) => `${name}.impl`);
  await buildEntries('generators', () => 'generator');
  await copyAgentFiles();
  await buildHubPage({ root, outDir: join(staging, 'hub-page') });
  await swapIn();
  await copyDocumentation();
} finally {
  rmSync(staging, { recursive: true, force: true });
}

/** The pages that messages name, at the place in the package that they name. */
async function copyDocumentation() {
  const into = join(plugin, 'docs');
  rmSync(into, { recursive: true, force: true });
  await cp(join(root, 'docs'), into, { recursive: true });
}

/**
 * Bundles all executors (or generators) into one file that shares the libraries, and writes for each the small module
 * that executors.json names. One bundle each would repeat the libraries twenty times in the package.
 */
async function buildEntries(kind, fileOf) {
  const folder = join(source, kind);
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, `${fileOf(entry.name)}.ts`)))
    .map((entry) => entry.name);
  const lines = names.map((name, index) => {
    const path = JSON.stringify(`./${name}/${fileOf(name)}.js`);
    const batch = existsSync(join(folder, name, `${name}-batch.impl.ts`))
      ? `export * as b${index} from ${JSON.stringify(`./${name}/${name}-batch.impl.js`)};`
      : '';
    const hasher = existsSync(join(folder, name, `${name}.hasher.ts`))
      ? `export * as h${index} from ${JSON.stringify(`./${name}/${name}.hasher.js`)};`
      : '';
    return `export * as e${index} from ${path};${batch}${hasher}`;
  });
  await build({
    ...bundleOptions,
    stdin: { contents: lines.join('\n'), resolveDir: folder, sourcefile: `${kind}.ts`, loader: 'ts' },
    outfile: join(staging, `${kind}.cjs`),
  });
  for (const [index, name] of names.entries()) {
    const into = join(staging, kind, name);
    await mkdir(into, { recursive: true });
    await writeFile(join(into, `${fileOf(name)}.cjs`), `module.exports = require('../../${kind}.cjs').e${index};\n`);
    if (existsSync(join(folder, name, `${name}-batch.impl.ts`))) {
      await writeFile(
        join(into, `${name}-batch.impl.cjs`),
        `module.exports = require('../../${kind}.cjs').b${index};\n`,
      );
    }
    if (existsSync(join(folder, name, `${name}.hasher.ts`)))
      await writeFile(join(into, `${name}.hasher.cjs`), `module.exports = require('../../${kind}.cjs').h${index};\n`);
    await cp(join(folder, name, 'schema.json'), join(into, 'schema.json'));
    if (existsSync(join(folder, name, 'files')))
      await cp(join(folder, name, 'files'), join(into, 'files'), { recursive: true });
  }
}

/** What a machine needs beside the bundle (units, templates), and what an image is built from. */
async function copyAgentFiles() {
  for (const [from, to] of [
    ['agent/systemd', 'agent/systemd'],
    ['packer', 'packer'],
  ]) {
    if (existsSync(join(root, from))) await cp(join(root, from), join(staging, to), { recursive: true });
  }
}

async function swapIn() {
  const old = join(plugin, `.dist-old-${process.pid}`);
  if (existsSync(target)) await rename(target, old);
  await rename(staging, target);
  rmSync(old, { recursive: true, force: true });
}
