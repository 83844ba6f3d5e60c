// Measures leasing: 1,000 machines, 10,000 leases, 50 users; the book alone, and the service on a real database.
//   node tools/bench/hub/leases.bench.mjs [--machines 1000] [--leases 10000] [--json]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = resolve(fileURLToPath(import.meta.url), '../../../..');
const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '1000' },
    leases: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
});

// Below node_modules, so that the bundle finds the dependencies that stay outside it.
mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
const folder = mkdtempSync(join(root, 'node_modules/.cache/hub-bench-'));
try {
  const outfile = join(folder, 'scenario.mjs');
  await build({
    entryPoints: [join(root, 'tools/bench/hub/lease-scenario.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    alias: { '@build-machines/protocol': join(root, 'libs/protocol/src/index.ts') },
    logLevel: 'error',
  });
  const { benchBook, benchService } = await import(pathToFileURL(outfile).href);
  const size = { machines: Number(values.machines), leases: Number(values.leases) };
  const results = [benchBook(size), benchService(size, join(folder, 'hub.db'))];
  if (values.json) process.stdout.write(`${JSON.stringify({ ...size, results }, null, 2)}\n`);
  else {
    process.stdout.write(`${size.machines} machines, ${size.leases} leases, 50 users\n`);
    for (const { name, seconds, perSecond, worstMs, peakWaiting } of results) {
      process.stdout.write(
        `${name.padEnd(32)} ${seconds.toFixed(2).padStart(8)} s ${String(Math.round(perSecond)).padStart(8)} leases/s` +
          `   slowest step ${worstMs.toFixed(1)} ms   longest queue ${peakWaiting}\n`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
