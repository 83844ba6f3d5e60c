// Generates docs/reference and the JSON schema of machine.yml from the schemas and sources, so that they cannot differ.
// `--check` writes nothing and fails when a file is not current.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const check = process.argv.includes('--check');
const { dependencies } = JSON.parse(readFileSync(join(root, 'libs/build-machines/package.json'), 'utf8'));

// The pages import TypeScript sources; below .cache in the repository, so that npm packages are found.
const outfile = join(root, '.cache/reference/main.cjs');
await build({
  entryPoints: [join(root, 'tools/reference/main.ts')],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
  outfile,
  external: [...Object.keys(dependencies), 'prettier', 'typescript'],
  alias: Object.fromEntries(
    ['protocol', 'owned-files', 'sources', 'machines', 'remote', 'state-hub', 'haskell'].map((name) => [
      `@build-machines/${name}`,
      join(root, 'libs', name, 'src/index.ts'),
    ]),
  ),
});
const { generate } = await import(outfile);
const stale = await generate(root, check);
if (check && stale.length > 0) {
  console.error(`✖ Not current: ${stale.join(', ')}\n  → npm run generated`);
  process.exitCode = 1;
} else if (stale.length > 0) console.log(`Written: ${stale.join(', ')}`);
