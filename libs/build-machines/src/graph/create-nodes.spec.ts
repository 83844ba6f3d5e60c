import { diskFiles } from '@build-machines/haskell';
import type { CreateNodesResultArray, ProjectConfiguration } from '@nx/devkit';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inferDependencies } from './create-dependencies.js';
import { createNodes, inferNodes } from './create-nodes.js';
import { AnalysisCache } from './nx/analysis-cache.js';
import { ownMetadata } from './nx/problem-metadata.js';
import { analysePackages } from './packages/analyse-packages.js';
import { readWorkspacePackages } from './packages/workspace-packages.js';
import { parsePluginOptions } from './plugin-options.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graph-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(contents: Record<string, string>): string[] {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return Object.keys(contents).filter((path) =>
    /(\.cabal|package\.yaml|cabal\.project|stack\.yaml|machine\.yml)$/.test(path),
  );
}

const context = () => ({ workspaceRoot: root, nxJsonConfiguration: {} });
function infer(contents: Record<string, string>, options: unknown = {}): CreateNodesResultArray {
  return inferNodes(write(contents), parsePluginOptions(options), context(), {});
}
const projectsOf = (nodes: CreateNodesResultArray): Record<string, ProjectConfiguration> =>
  Object.fromEntries(
    nodes
      .flatMap(([, { projects }]) => Object.values(projects ?? {}))
      .map((project) => [project.name ?? '', project as ProjectConfiguration]),
  );

const library = (name: string, dependencies = 'base') =>
  `name: ${name}\nversion: 1\ncabal-version: 2.4\nlibrary\n  build-depends: ${dependencies}\n`;
const FULL = `${library('full')}executable tool
  main-is: M.hs
test-suite spec
  main-is: S.hs
test-suite golden
  main-is: G.hs
benchmark speed
  main-is: B.hs
`;

describe('the project of a package', () => {
  it('has a target for each kind of component that there is', () => {
    const { full, lib } = projectsOf(infer({ 'full/full.cabal': FULL, 'lib/lib.cabal': library('lib') }));
    expect(Object.keys(full?.targets ?? {}).sort()).toEqual([
      'fetch-artifacts',
      'remote-bench',
      'remote-build',
      'remote-ghci',
      'remote-haddock',
      'remote-run',
      'remote-test',
      'remote-test--golden',
      'remote-test--spec',
      'remote-watch',
    ]);
    expect(Object.keys(lib?.targets ?? {}).sort()).toEqual([
      'fetch-artifacts',
      'remote-build',
      'remote-ghci',
      'remote-haddock',
      'remote-watch',
    ]);
    expect(full).toMatchObject({ root: 'full', projectType: 'application' });
    expect(lib).toMatchObject({ root: 'lib', projectType: 'library' });
  });

  it('groups the targets of single test suites', () => {
    const { full } = projectsOf(infer({ 'full/full.cabal': FULL }));
    expect(full?.metadata?.targetGroups).toEqual({
      'remote-test (per suite)': ['remote-test--spec', 'remote-test--golden'],
    });
    expect(full?.targets?.['remote-test--spec']).toMatchObject({
      executor: 'build-machines:remote-test',
      options: { suites: ['spec'] },
      outputs: ['{workspaceRoot}/dist/remote/.runs/{projectName}/remote-test--spec'],
    });
  });

  it('gives no two targets the same output, and none that holds another', () => {
    const { full } = projectsOf(infer({ 'full/full.cabal': FULL }));
    const outputs = Object.values(full?.targets ?? {}).flatMap((target) => target.outputs ?? []);
    expect(new Set(outputs).size).toBe(outputs.length);
    for (const a of outputs) for (const b of outputs) if (a !== b) expect(b.startsWith(`${a}/`)).toBe(false);
  });

  it('takes names, prefix, machine, toolchain and environment from the options', () => {
    const { full } = projectsOf(
      infer(
        { 'full/full.cabal': FULL },
        {
          targetNames: { build: 'compile' },
          targetPrefix: 'hs-',
          machine: 'big-box',
          ghc: '9.8.4',
          env: ['CI'],
          atomizeTests: false,
        },
      ),
    );
    expect(full?.targets?.['hs-compile']?.options).toEqual({ machine: 'big-box', ghc: '9.8.4', env: ['CI'] });
    expect(full?.targets?.['hs-fetch-artifacts']?.dependsOn).toEqual(['hs-compile']);
    expect(Object.keys(full?.targets ?? {}).filter((name) => name.includes('--'))).toEqual([]);
    expect(full?.namedInputs?.['haskellProject']).toEqual(expect.arrayContaining([{ env: 'CI' }]));
  });

  it('describes itself and each target, with help', () => {
    const { full } = projectsOf(infer({ 'full/full.cabal': FULL }));
    expect(full?.metadata?.technologies).toEqual(['haskell', 'cabal']);
    for (const target of Object.values(full?.targets ?? {})) {
      expect(target.metadata?.description).toMatch(/\.$/);
      expect(target.metadata?.help?.command).toMatch(/^npx nx run full:/);
    }
  });

  it('is made of package.yaml where there is no *.cabal, or Nx does not see it', () => {
    write({ 'y/y.cabal': library('y') });
    const { y } = projectsOf(infer({ 'y/package.yaml': 'name: y\ntests:\n  spec: { main: S.hs }\n' }));
    expect(Object.keys(y?.targets ?? {})).toContain('remote-test--spec');
  });

  it('is not made of what tools keep in hidden folders', () => {
    const projects = projectsOf(
      infer({ 'a/a.cabal': library('a'), 'a/.pc/fix/a.cabal': library('a'), '.work/b/b.cabal': library('b') }),
    );
    expect(Object.keys(projects)).toEqual(['a']);
  });

  it('lies at the root of the workspace as well as below', () => {
    const projects = projectsOf(infer({ 'top.cabal': library('top'), 'cabal.project': 'packages: .\n' }));
    expect(projects['top']).toMatchObject({ root: '.' });
  });
});

describe('what cannot be read', () => {
  const problemOf = (project: ProjectConfiguration | undefined) => ownMetadata(project?.metadata).problem;

  it('is a problem of its own package, which keeps its name and targets, and the rest is inferred', () => {
    const projects = projectsOf(
      infer({
        'cabal.project': 'packages: bad-folder ok',
        'bad-folder/bad.cabal':
          'name: bad\nlibrary\n  build-depends: ->\nexecutable tool\ntest-suite spec\n  main-is: T.hs\n',
        'ok/ok.cabal': library('ok'),
      }),
    );
    expect(Object.keys(projects).sort()).toEqual(['bad', 'ok']);
    expect(problemOf(projects['ok'])).toBeUndefined();
    expect(problemOf(projects['bad'])).toMatchObject({ message: expect.stringContaining('bad.cabal:3: ') });
    expect(Object.keys(projects['bad']?.targets ?? {}).sort()).toEqual([
      'fetch-artifacts',
      'remote-build',
      'remote-ghci',
      'remote-haddock',
      'remote-run',
      'remote-test',
      'remote-test--spec',
      'remote-watch',
    ]);
  });

  it('keeps the named inputs that its dependents ask for', () => {
    const { bad, ok } = projectsOf(infer({ 'bad/bad.cabal': 'nope', 'ok/ok.cabal': library('ok') }));
    expect(Object.keys(bad?.namedInputs ?? {})).toEqual(expect.arrayContaining(Object.keys(ok?.namedInputs ?? {})));
  });

  it('is a package that is listed and not there, with every target', () => {
    const { gone } = projectsOf(infer({ 'cabal.project': 'packages: vendor/gone', 'ok/ok.cabal': library('ok') }));
    expect(gone).toMatchObject({ root: 'vendor/gone' });
    expect(problemOf(gone)).toMatchObject({ message: expect.stringContaining('cabal.project:1: "vendor/gone"') });
    expect(Object.keys(gone?.targets ?? {})).toEqual(expect.arrayContaining(['remote-test', 'remote-bench']));
  });

  it('is each package that a cabal.project would list that does not parse', () => {
    const projects = projectsOf(
      infer({ 'cabal.project': 'packages: a\n}\n', 'a/a.cabal': library('a'), 'js/b/b.cabal': library('b') }),
    );
    expect(Object.keys(projects)).toEqual(['a', 'b']);
    expect(ownMetadata(projects['b']?.metadata).cabalProject).toBe('.');
  });

  it('does not stand for a package that the user has excluded', () => {
    write({ 'archive/old.cabal': library('old') });
    expect(projectsOf(infer({ 'cabal.project': 'packages: archive' }))).toEqual({});
  });

  it('is nothing for what vanished while Nx was reading', () => {
    write({ 'ok/ok.cabal': library('ok') });
    const nodes = inferNodes(['gone/gone.cabal', 'ok/ok.cabal'], parsePluginOptions({}), context(), {});
    expect(Object.keys(projectsOf(nodes))).toEqual(['ok']);
  });

  it('is a package whose folder the system refuses to read, and no other', () => {
    const files = write({ 'bad/bad.cabal': library('bad'), 'ok/ok.cabal': library('ok') });
    const cache = AnalysisCache.open(root, {});
    const { packages } = readWorkspacePackages(root, files, diskFiles(), cache);
    rmSync(join(root, 'bad'), { recursive: true });
    const { analyses, problems } = analysePackages(packages, root);
    expect(problems).toEqual([['bad/bad.cabal', expect.objectContaining({ code: 'project-unreadable' })]]);
    expect([...analyses.keys()].map(({ file }) => file)).toEqual(['ok/ok.cabal']);
  });

  it('is no link that leads nowhere or to itself', () => {
    write({ 'a/src/A.hs': 'module A where\n' });
    symlinkSync('Loop.hs', join(root, 'a/src/Loop.hs'));
    symlinkSync('nowhere', join(root, 'a/src/Dangling.hs'));
    expect(Object.keys(projectsOf(infer({ 'a/a.cabal': library('a') })))).toEqual(['a']);
  });

  it('is a machine.yml with an unknown key, and no other machine', () => {
    const { box, other } = projectsOf(
      infer({
        'machines/box/machine.yml': 'name: box\nprovider: sandbox\nprot: 1\n',
        'machines/other/machine.yml': 'name: other\nprovider: sandbox\n',
      }),
    );
    expect(problemOf(box)).toMatchObject({ message: expect.stringMatching(/:3:1: .*prot/) });
    expect(Object.keys(box?.targets ?? {})).toEqual(Object.keys(other?.targets ?? {}));
    expect(problemOf(other)).toBeUndefined();
  });

  it.each([
    ['does not exist', { targetName: {} }, /unknown key "targetName"[^]*Did you mean "targetNames"\?/],
    ['has a value that it cannot have', { ghc: 'latest' }, /"ghc": must be an exact version/],
    [
      'gives two targets one name',
      { targetNames: { test: 'remote-build' } },
      /"targetNames.build" and "targetNames.test"/,
    ],
  ])('is an option of the plugin that %s', async (_what, options, message) => {
    await expect(async () => createNodes[1]([], options, context())).rejects.toThrow(message);
  });
});

describe('the project of a machine', () => {
  it('has the whole way of a VM as the dependencies of up', () => {
    const { box } = projectsOf(infer({ 'machines/box/machine.yml': 'name: box\nprovider: qemu\n' }));
    expect(box?.targets?.['up']?.dependsOn).toEqual(['inject-keys', 'install-ssh-config']);
    expect(box?.targets?.['inject-keys']?.dependsOn).toEqual(['vm-import']);
    expect(box?.targets?.['vm-import']?.dependsOn).toEqual(['packer-build']);
    expect(box?.targets?.['packer-build']).toMatchObject({ cache: true, executor: 'build-machines:packer-build' });
  });

  it('has no steps of a VM where it is none, and builds no image where one is named', () => {
    const { here, box } = projectsOf(
      infer({
        'machines/here/machine.yml': 'name: here\nprovider: sandbox\n',
        'machines/box/machine.yml': 'name: box\nprovider: qemu\nimage: /images/a.ova\n',
      }),
    );
    expect(here?.targets?.['up']?.dependsOn).toBeUndefined();
    expect(here?.targets?.['packer-build']).toBeUndefined();
    expect(box?.targets?.['vm-import']?.dependsOn).toEqual([]);
  });
});

describe('the dependencies', () => {
  function dependenciesOf(contents: Record<string, string>, projects: Record<string, { root: string }>) {
    const configFiles = write(contents);
    const ofProject = ({ root: folder }: { root: string }) =>
      configFiles.filter((file) => file.startsWith(`${folder}/`)).map((file) => ({ file, hash: '1' }));
    const owned = Object.values(projects).flatMap((project) => ofProject(project).map(({ file }) => file));
    return inferDependencies(
      {
        ...context(),
        externalNodes: {},
        filesToProcess: { projectFileMap: {}, nonProjectFiles: [] },
        projects,
        fileMap: {
          projectFileMap: Object.fromEntries(
            Object.entries(projects).map(([name, project]) => [name, ofProject(project)]),
          ),
          nonProjectFiles: configFiles.filter((file) => !owned.includes(file)).map((file) => ({ file, hash: '1' })),
        },
      },
      {},
    );
  }

  it('come from all kinds of dependency of packages of the same project, and no file keeps them', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'unused'];
    const dependencies = dependenciesOf(
      {
        'cabal.project': 'packages: */*.cabal\n',
        'a/a.cabal': `${library('a', 'base, b')}executable x\n  build-tool-depends: c:c\n  mixins: d (M)\ncustom-setup\n  setup-depends: e\n`,
        ...Object.fromEntries(['b', 'c', 'd', 'e', 'unused'].map((name) => [`${name}/${name}.cabal`, library(name)])),
      },
      Object.fromEntries(names.map((name) => [`${name}-renamed`, { root: name }])),
    );
    expect(dependencies).toEqual(
      ['b', 'c', 'd', 'e'].map((name) => ({
        type: 'implicit',
        source: 'a-renamed',
        target: `${name}-renamed`,
      })),
    );
  });

  // Nx keeps the excluded file from createNodes but not from createDependencies.
  it.each([
    ['is no project', {}],
    ['is a project of another plugin', { archived: { root: 'archive' } }],
  ])('of a package are not lost to an excluded copy whose folder %s', (_what, other) => {
    const dependencies = dependenciesOf(
      {
        'cabal.project': 'packages: lib tool\n',
        'archive/tool.cabal': library('tool'),
        'lib/lib.cabal': library('lib'),
        'tool/tool.cabal': library('tool', 'base, lib'),
      },
      { lib: { root: 'lib' }, tool: { root: 'tool' }, ...other },
    );
    expect(dependencies).toEqual([expect.objectContaining({ source: 'tool', target: 'lib' })]);
  });
});

describe('the cache of analyses', () => {
  const cacheFile = () => join(root, '.nx/workspace-data/build-machines-graph.json');

  it('is used, and does not hide a change', () => {
    const before = projectsOf(
      infer({ 'a/a.cabal': library('a'), 'a/src/A.hs': 'module A where\n', 'a/README.md': 'x' }),
    );
    expect(existsSync(cacheFile())).toBe(true);
    const kept = readFileSync(cacheFile(), 'utf8');
    expect(projectsOf(infer({ 'a/a.cabal': library('a') }))).toEqual(before);
    expect(readFileSync(cacheFile(), 'utf8')).toBe(kept);
    const after = projectsOf(infer({ 'a/a.cabal': `${library('a')}test-suite t\n  main-is: T.hs\n` }));
    expect(Object.keys(after['a']?.targets ?? {})).toContain('remote-test');
  });

  it('is not taken over from another version of the plugin', () => {
    infer({ 'a/a.cabal': library('a') });
    const kept = JSON.parse(readFileSync(cacheFile(), 'utf8')) as { entries: Record<string, object> };
    const wrong = Object.fromEntries(
      Object.entries(kept.entries).map(([key, value]) => [key, { ...value, name: 'z' }]),
    );
    writeFileSync(cacheFile(), JSON.stringify({ ...kept, entries: wrong }));
    expect(Object.keys(projectsOf(infer({ 'a/a.cabal': library('a') })))).toEqual(['z']);
    writeFileSync(cacheFile(), JSON.stringify({ ...kept, plugin: '0.0.0', entries: wrong }));
    expect(Object.keys(projectsOf(infer({ 'a/a.cabal': library('a') })))).toEqual(['a']);
  });

  it('is dropped when it is damaged', () => {
    infer({ 'a/a.cabal': library('a') });
    writeFileSync(cacheFile(), '{"format":1,"entr');
    expect(Object.keys(projectsOf(infer({ 'a/a.cabal': library('a') })))).toEqual(['a']);
  });
});

describe('the plugin as an input', () => {
  it('stands for itself, so that no other npm package is one', () => {
    const nodes = infer({ 'a/a.cabal': library('a'), 'machines/box/machine.yml': 'name: box\nprovider: qemu\n' });
    const external = Object.assign({}, ...nodes.map(([, { externalNodes }]) => externalNodes)) as object;
    const input = { externalDependencies: Object.keys(external) };
    expect(Object.keys(external)).toHaveLength(1);
    const { a, box } = projectsOf(nodes);
    expect(a?.namedInputs?.['haskellProject']).toContainEqual(input);
    expect(box?.targets?.['packer-build']?.inputs).toContainEqual(input);
    for (const target of Object.values(a?.targets ?? {}).filter(({ cache }) => cache))
      expect(target.inputs).toContain('haskellProject');
  });
});

describe('the kill switch', () => {
  it('leaves nothing to infer', async () => {
    const configFiles = write({ 'a/a.cabal': library('a') });
    process.env['NX_BUILD_MACHINES_DISABLE'] = 'true';
    try {
      expect(await createNodes[1](configFiles, {}, context())).toEqual([]);
    } finally {
      delete process.env['NX_BUILD_MACHINES_DISABLE'];
    }
    expect(projectsOf(await createNodes[1](configFiles, {}, context()))).toHaveProperty('a');
  });
});
