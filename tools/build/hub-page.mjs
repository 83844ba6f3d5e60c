// Builds the State Hub's page with Vite.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Builds `libs/state-hub/src/page` into `outDir`. */
export async function buildHubPage({ root, outDir }) {
  const page = join(root, 'libs/state-hub/src/page');
  if (!existsSync(join(page, 'index.html'))) return;
  const { build } = await import('vite');
  await build({ root: page, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
}
