import { join } from 'node:path';
import { execa } from 'execa';

const REPOSITORY = join(__dirname, '../..');

/** Builds the hub's page as `npm run build` does, into a folder of the test's own. */
export async function buildPage(outDir: string): Promise<void> {
  await execa('node', [
    '--input-type=module',
    '--eval',
    `const { buildHubPage } = await import(${JSON.stringify(join(REPOSITORY, 'tools/build/hub-page.mjs'))});
     await buildHubPage({ root: ${JSON.stringify(REPOSITORY)}, outDir: ${JSON.stringify(outDir)} });`,
  ]);
}
