import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(__dirname, '../../../..');

/** The repository's own bundles, made for one test file; `npm run build` makes the same ones for the package. */
async function bundle(name: string, entry: string, external: string[]): Promise<string> {
  // Below node_modules, so that what stays outside of the bundle is found.
  const cache = join(root, 'node_modules', '.cache', 'build-machines-tests');
  await mkdir(cache, { recursive: true });
  const outfile = join(await mkdtemp(join(cache, `${String(process.pid)}-`)), name);
  const libraries = ['protocol', 'machines', 'remote', 'state-hub', 'haskell'];
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    logLevel: 'error',
    external,
    alias: Object.fromEntries(
      libraries.map((lib) => [`@build-machines/${lib}`, join(root, 'libs', lib, 'src/index.ts')]),
    ),
  });
  return outfile;
}

/** A program that leaves npm dependencies outside, as the package does. */
export async function bundleForTest(name: string, entry: string): Promise<string> {
  const manifest = await readFile(join(root, 'libs/build-machines/package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  const external = Object.keys(dependencies).flatMap((dependency) => [dependency, `${dependency}/*`]);
  return bundle(name, entry, external);
}

/** bridge.cjs */
export function bundleBridge(): Promise<string> {
  return bundleForTest('bridge.cjs', 'libs/remote/src/bridge/main.ts');
}

/** build-agent.cjs */
export function bundleAgent(): Promise<string> {
  return bundle('build-agent.cjs', 'agent/src/main.ts', []);
}
