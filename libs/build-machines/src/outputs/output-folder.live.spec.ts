import { OwnedFolder, pathSegment } from '@build-machines/owned-files';
import type { ProjectGraph, TargetConfiguration } from '@nx/devkit';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { artifactPlace } from '../haskell-task/output-places.js';
import { declaredRunFolder, usualArtifactFolder } from './declared-folders.js';
import { artifactFolder, projectInPath, runFolder } from './output-paths.js';

let around: string;
let root: string;
beforeEach(() => {
  around = mkdtempSync(join(tmpdir(), 'outputs-'));
  root = join(around, 'workspace');
  const files = [
    'apps/app/src/Main.hs',
    'apps/app/app.cabal',
    'libs/lib/Lib.hs',
    'machines/box/machine.yml',
    'notes/thesis.txt',
  ];
  for (const file of [...files, '../victim/thesis.txt']) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), file);
  }
  execFileSync('git', ['init', '--quiet', root]);
  execFileSync('git', ['init', '--quiet', '--bare', join(root, 'bare')]);
  writeFileSync(join(root, '.gitignore'), 'dist\n/apps/app/out\n');
  symlinkSync('../victim', join(root, 'way-out'));
  symlinkSync('../nowhere', join(root, 'way-to-nothing'));
  symlinkSync('notes', join(root, 'way-in'));
});
afterEach(() => {
  rmSync(around, { recursive: true });
});

const fetchTarget = (outputPath: string): TargetConfiguration => ({
  executor: 'build-machines:fetch-artifacts',
  options: { outputPath },
  outputs: ['{options.outputPath}'],
});

function graphOf(
  projects: Record<string, { root: string; targets?: Record<string, TargetConfiguration> }>,
): ProjectGraph {
  const nodes = Object.entries(projects).map(([name, data]) => [name, { name, type: 'lib', data }]);
  return { nodes: Object.fromEntries(nodes), dependencies: {} } as ProjectGraph;
}

const projectGraph = graphOf({
  app: { root: 'apps/app', targets: { fetch: fetchTarget('dist/remote/app') } },
  lib: { root: 'libs/lib', targets: { fetch: fetchTarget('dist/remote/lib') } },
  web: {
    root: 'web',
    targets: { build: { executor: 'x:y', outputs: ['{workspaceRoot}/built/web/**/*.js', '{workspaceRoot}/dist'] } },
  },
  box: { root: 'machines/box' },
});

const place = (folder: string, graph = projectGraph, project = 'app') => {
  const components = [{ sourceDirs: ['src', '.', '../../shared/src'] }];
  const packages = [{ dir: join(root, 'apps/app'), components }] as unknown as Parameters<
    typeof artifactPlace
  >[2]['packages'];
  return artifactPlace(folder, { project, target: 'fetch' }, { root, projectGraph: graph, packages });
};

describe('an output folder', () => {
  it.each([
    'dist/remote/app',
    'dist/remote/other',
    'out',
    'out/app',
    './out//app/',
    'apps/out',
    'apps/app/out',
    'ünï côde/a b',
  ])('may be %s', async (folder) => {
    await expect(place(folder)).resolves.toMatchObject({ claim: { madeFor: 'the artifacts of app' } });
  });

  it.each([
    ['', /workspace itself/],
    ['.', /workspace itself/],
    ['out/..', /workspace itself/],
    ['..', /outside/],
    ['../victim', /outside/],
    ['out/../../victim', /outside/],
    ['/tmp/out', /absolute/],
    ['out/*', /pattern/],
    ['!out', /pattern/],
    ['{a,b}', /pattern/],
    ['a\0b', /pattern/],
    ['.git', /part of .git/],
    ['a/.git/b', /part of .git/],
    ['.GIT', /part of .git/],
    ['Machines/out', /part of machines/],
    ['Dist/Remote/.Runs', /part of dist\/remote\/.runs/],
    ['bare/hooks/out', /part of bare, where Git keeps a repository/],
    ['node_modules/out', /part of node_modules/],
    ['.build-machines', /part of .build-machines/],
    ['machines/out', /part of machines/],
    ['apps', /holds the folder of project app/],
    ['apps/app', /folder of project app/],
    ['apps/app/src', /source folder apps\/app\/src/],
    ['apps/app/src/out', /source folder apps\/app\/src/],
    ['shared', /holds the source folder shared\/src/],
    ['apps/app/other', /not ignored by Git/],
    ['libs/lib/out', /not ignored by Git/],
    ['dist', /holds dist\/remote\/.runs/],
    ['dist/remote', /holds dist\/remote\/.runs/],
    ['dist/remote/.runs/app', /part of dist\/remote\/.runs/],
    ['dist/remote/lib', /an output of lib:fetch/],
    ['dist/remote/lib/more', /an output of lib:fetch/],
    ['dist/elsewhere', /part of dist, an output of web:build/],
    ['built', /holds built\/web/],
    ['way-in/out', /symbolic link/],
  ])('may not be %j', async (folder, reason) => {
    await expect(place(folder)).rejects.toMatchObject({
      code: 'output-folder',
      message: expect.stringMatching(reason),
    });
  });

  it.each(['way-out', 'way-out/out', 'way-to-nothing', 'way-to-nothing/out'])(
    'may not be reached by a link that leads out: %s',
    async (folder) => {
      await expect(place(folder)).rejects.toMatchObject({ code: 'folder-outside' });
    },
  );

  it.each(['apps/app/app.cabal/out', 'loop', 'loop/out', 'a'.repeat(300)])(
    'is refused in words when the way to it cannot be followed: %s',
    async (folder) => {
      symlinkSync('loop', join(root, 'loop'));
      await expect(place(folder)).rejects.toMatchObject({ code: 'path-unusable' });
    },
  );

  it('may not be inside of another folder of ours, nor hold one', async () => {
    const { folder, claim } = await place('out/app');
    await OwnedFolder.claim(folder, claim);
    await expect(place('out/app/lib')).rejects.toMatchObject({ code: 'output-folder' });
    await expect(place('out')).rejects.toMatchObject({ code: 'folder-not-ours' });
    await expect(place('out/app', projectGraph, 'lib')).rejects.toMatchObject({ code: 'folder-of-another' });
  });

  it('leaves everything else alone, whatever the option, the name and the tree', async () => {
    const segment = fc.constantFrom(
      ...['', '.', '..', 'apps', 'app', 'src', 'libs', 'lib', 'dist', 'remote', '.runs', 'out', 'notes', 'thesis.txt'],
      ...['.git', 'machines', 'way-out', 'way-in', 'way-to-nothing', 'node_modules', 'ü', 'a b', '*', 'box', 'victim'],
    );
    const option = fc.oneof(
      fc.array(segment, { maxLength: 5 }).map((segments) => segments.join('/')),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('ROOT', 'ROOT/out', 'ROOT/../victim'),
    );
    const name = fc.oneof(
      fc.array(segment, { maxLength: 4 }).map((segments) => segments.join('/')),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          option,
          name.map((any) => artifactFolder(pathSegment(any))),
        ),
        name,
        async (value, project) => {
          const graph = graphOf({ ...projectsOf(projectGraph), [project]: { root: 'apps/app' } });
          const before = listing(around);
          const asked = value.replace('ROOT', root);
          const made = await place(asked, graph, project).then(
            async ({ folder, claim }) => {
              await (await OwnedFolder.claim(folder, claim)).writeFiles({ 'bin/app': 'app' });
              return folder;
            },
            (error: unknown) => {
              expect(error).toHaveProperty('code');
              return undefined;
            },
          );
          const after = listing(around);
          for (const [path, seen] of before) expect([asked, path, after.get(path)]).toEqual([asked, path, seen]);
          const added = [...after.keys()].filter((path) => !before.has(path));
          if (made === undefined) expect(added).toEqual([]);
          else
            expect(
              added.filter((path) => !join(around, path).startsWith(made) && !made.startsWith(join(around, path, '/'))),
            ).toEqual([]);
          if (made !== undefined) rmSync(join(around, added.sort()[0]!), { recursive: true });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what the graph declares', () => {
  it.each(['app', '@acme/app', '../../../victim', '..', '', '.runs', 'a/b', 'con*', 'x'.repeat(300), 'a\nb\0'])(
    'is where the executors write, for a project of the name %j',
    (name) => {
      const project = projectInPath(name);
      const graph = graphOf({
        [name]: {
          root: 'apps/app',
          targets: {
            'remote-build': { executor: 'x:y', outputs: [`{workspaceRoot}/${runFolder(project, 'remote-build')}`] },
            // Nx fills the token in.
            fetch: fetchTarget(artifactFolder(project).replace('{projectName}', name)),
          },
        },
      });
      const folder = declaredRunFolder(graph, { project: name, target: 'remote-build' });
      expect(folder).toBe(`dist/remote/.runs/${pathSegment(name)}/remote-build`);
      expect(usualArtifactFolder(graph, name)).toBe(`dist/remote/${pathSegment(name)}`);
    },
  );

  it.each(['../small', './small', 'app/..', 'app/', 'app/one/two'])(
    'is refused where it leaves the folder: %s',
    (way) => {
      const targets = { 'remote-build': { executor: 'x:y', outputs: [`{workspaceRoot}/dist/remote/.runs/${way}`] } };
      const graph = graphOf({ app: { root: 'apps/app', targets } });
      expect(() => declaredRunFolder(graph, { project: 'app', target: 'remote-build' })).toThrow(
        expect.objectContaining({ code: 'project-name-in-output' }),
      );
    },
  );

  it('is refused where another plugin gave the project a name that changes the folder', () => {
    const outputs = ['{workspaceRoot}/dist/remote/.runs/{projectName}/remote-build'];
    const targets = { 'remote-build': { executor: 'x:y', outputs } };
    const graph = graphOf({ '../../../victim': { root: 'apps/app', targets } });
    expect(() => declaredRunFolder(graph, { project: '../../../victim', target: 'remote-build' })).toThrow(
      expect.objectContaining({ code: 'project-name-in-output' }),
    );
  });
});

function projectsOf(graph: ProjectGraph): Parameters<typeof graphOf>[0] {
  return Object.fromEntries(Object.entries(graph.nodes).map(([name, { data }]) => [name, data])) as Parameters<
    typeof graphOf
  >[0];
}

/** Every path below a folder but those of Git, with kind, mode, size and change time. */
function listing(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  const look = (path: string): void => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const below = join(path, entry.name);
      const { mode, size, mtimeMs } = lstatSync(join(folder, below));
      const what = entry.isSymbolicLink()
        ? readlinkSync(join(folder, below))
        : entry.isFile()
          ? `${size} ${mtimeMs}`
          : '';
      found.set(below, `${mode.toString(8)} ${what}`);
      if (entry.isDirectory()) look(below);
    }
  };
  look('');
  return found;
}
