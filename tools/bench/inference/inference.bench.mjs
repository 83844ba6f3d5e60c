// How long inference takes for 10 to 2,000 packages, and how it grows: `node tools/bench/inference/inference.bench.mjs`.
// Growth is what counts: a factor like that of the packages is linear. Milliseconds depend on the computer.
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const folder = mkdtempSync(join(root, 'node_modules', '.bench-inference-'));

try {
  const outfile = join(folder, 'scenario.cjs');
  await build({
    entryPoints: [join(here, 'inference-scenario.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    tsconfig: join(root, 'tsconfig.json'),
    // What node_modules holds stays there, as in the plugin: some of it has parts that cannot be bundled.
    packages: 'external',
    logLevel: 'error',
  });
  const { measureInference } = createRequire(import.meta.url)(outfile);
  measureInference(10); // Warms the compiler up, so that the first row is comparable.
  let previous;
  for (const packages of [10, 100, 1000, 2000]) {
    const times = measureInference(packages);
    const row = ['cold', 'warm', 'edited'].map((kind) => {
      const growth = previous === undefined ? '' : ` (×${(times[kind] / previous[kind]).toFixed(1)})`;
      return `${kind} ${times[kind].toFixed(0)} ms${growth}`;
    });
    const size = `${(times.bytes / packages / 1024).toFixed(1)} KiB a package`;
    process.stdout.write(`${String(packages).padStart(5)} packages: ${row.join(', ')}; ${size}\n`);
    previous = times;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
