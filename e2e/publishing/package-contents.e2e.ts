import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { builtFile, repository } from '../support/repository.js';
import { runProgram } from '../support/run-program.js';

const folder = join(repository, 'libs/build-machines');

interface Packed {
  files: { path: string; mode: number }[];
  unpackedSize: number;
}

/** What `npm publish` would send. */
async function pack(): Promise<Packed> {
  const { stdout } = await runProgram('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' },
  });
  const answer = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
  return Object.values(answer)[0]!;
}

describe('the published package', () => {
  let packed: Packed;
  let paths: string[];

  beforeAll(async () => {
    builtFile('plugin.cjs');
    packed = await pack();
    paths = packed.files.map(({ path }) => path);
  });

  it('holds every file that its manifests name', () => {
    const named = ['executors.json', 'generators.json', 'migrations.json'].flatMap((manifest) => [
      manifest,
      ...readFileSync(join(folder, manifest), 'utf8').matchAll(/"\.\/(dist\/[^"]+)"/g),
    ]);
    const expected = named.map((entry) => (typeof entry === 'string' ? entry : entry[1]!));
    expect(expected.length).toBeGreaterThan(40);
    expect(expected.filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('holds the programs, the templates, the types, the schema of machine.yml, and what a reader needs first', () => {
    expect(paths).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'docs/guide/doctor.md',
        'docs/reference/machine-yml.md',
        'docs/reference/plugin-options.md',
        'types/plugin.d.ts',
        'schemas/machine.schema.json',
        'dist/plugin.cjs',
        'bin/build-machines.mjs',
        'dist/cli.cjs',
        'dist/bridge.cjs',
        'dist/hub.cjs',
        'dist/sandbox-supervisor.cjs',
        'dist/agent/build-agent.cjs',
        'dist/packer/pins.json',
        'dist/generators/haskell-project/files/library/__name__.cabal.template',
        'dist/generators/ci/files/github/.github/workflows/__fileName__.yml.template',
      ]),
    );
  });

  it('has its command in a checkout too, where npm links it before anything is built', () => {
    expect(existsSync(join(repository, 'node_modules/.bin/build-machines'))).toBe(true);
  });

  it('holds no sources, tests or notes, and stays small', () => {
    const strangers = paths.filter((path) =>
      /^src\/|(^|\/)(node_modules|\.cache)\/|\.spec\.|\.e2e\.|\.log$/.test(path),
    );
    expect(strangers).toEqual([]);
    expect(packed.unpackedSize).toBeLessThan(16 * 1024 ** 2);
  });

  it('depends on nothing that the registry does not have: the libraries of the repository are in the bundles', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, object>;
    const names = [...Object.keys(manifest['dependencies']!), ...Object.keys(manifest['peerDependencies']!)];
    expect(names.filter((name) => name.startsWith('@build-machines/'))).toEqual([]);
    const bundles = paths.filter((path) => path.endsWith('.cjs'));
    for (const path of bundles)
      expect([path, readFileSync(join(folder, path), 'utf8').includes('require("@build-machines/')]).toEqual([
        path,
        false,
      ]);
  });

  it('requires at run time only what it declares, what Nx brings, and Node', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, object>;
    const declared = new Set([
      ...Object.keys(manifest['dependencies']!),
      ...Object.keys(manifest['peerDependencies']!),
    ]);
    const builtin = new Set(builtinModules);
    for (const path of paths.filter((file) => /^dist\/[^/]+\.cjs$/.test(file))) {
      const text = readFileSync(join(folder, path), 'utf8');
      const required = [...text.matchAll(/(?:^|[^.\w])require\("([^".][^"]*)"\)/g)].map(([, name]) => name!);
      const strangers = required
        .map((name) => name.replace(/^node:/, ''))
        .filter((name) => !builtin.has(name))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !declared.has(name));
      expect([path, [...new Set(strangers)]]).toEqual([path, []]);
    }
  });
});
