import picomatch from 'picomatch';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inferNodes } from '../create-nodes.js';
import { parsePluginOptions } from '../plugin-options.js';
import { FIXTURE, INPUT_CASES, type InputCase } from './inputs.cases.js';
import type { ProjectConfiguration } from '@nx/devkit';

/** Dependencies of the fixture's projects, as createDependencies infers them. */
const DEPENDENCIES: Record<string, string[]> = { app: ['core', 'manual'], manual: ['embed'], core: ['fixtures'] };

let root: string;
let projects: Map<string, ProjectConfiguration>;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'inputs-'));
  for (const [path, text] of Object.entries(FIXTURE)) write(path, text);
  projects = infer(Object.keys(FIXTURE));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function infer(files: string[]): Map<string, ProjectConfiguration> {
  const config = files.filter((file) => /(\.cabal|cabal\.project|machine\.yml)$/.test(file));
  const context = { workspaceRoot: root, nxJsonConfiguration: { namedInputs: { haskell: ['default'] } } };
  const nodes = inferNodes(config, parsePluginOptions({}), context, {});
  return new Map(
    nodes
      .flatMap(([, { projects: found }]) => Object.values(found ?? {}))
      .map((project) => [project.name ?? '', project as ProjectConfiguration]),
  );
}

/** Whether a file is among a target's inputs, by the rules that Nx has for filesets. */
function isInput({ project, target, path }: InputCase): boolean {
  const config = projects.get(project)!;
  const inputs = config.targets![target]!.inputs!;
  const own = inputs.filter((input): input is string => typeof input === 'string' && !input.startsWith('^'));
  if (matches(config, own, path)) return true;
  const named = inputs.flatMap((input) => (typeof input === 'object' && 'projects' in input ? input.projects : []));
  if (named.some((name) => matches(projects.get(name)!, ['haskell'], path))) return true;
  const reached = inputs.filter((input): input is string => typeof input === 'string' && input.startsWith('^'));
  return closure(project).some((name) => reached.some((input) => matches(projects.get(name)!, [input.slice(1)], path)));
}

function closure(project: string): string[] {
  return [...new Set((DEPENDENCIES[project] ?? []).flatMap((name) => [name, ...closure(name)]))];
}

function matches(config: ProjectConfiguration, inputs: string[], path: string): boolean {
  const filesets = inputs.flatMap((input) => {
    const named = input === 'default' ? ['{projectRoot}/**/*'] : config.namedInputs?.[input];
    return (named ?? [input]).filter((item): item is string => typeof item === 'string');
  });
  // The web front end is another project's: {projectRoot} does not see its files.
  const isOwned = path.startsWith(`${config.root}/`) && !path.startsWith('packages/app/web/');
  const inSet = (prefix: string) => {
    const set = filesets.flatMap((fileset) => (fileset.replace('!', '').startsWith(prefix) ? [fileset] : []));
    const glob = (fileset: string) =>
      fileset.replace('!', '').replace('{projectRoot}', config.root).replace('{workspaceRoot}/', '');
    const included = set.filter((fileset) => !fileset.startsWith('!')).map(glob);
    const excluded = set.filter((fileset) => fileset.startsWith('!')).map(glob);
    return picomatch.isMatch(path, included, { dot: true }) && !picomatch.isMatch(path, excluded, { dot: true });
  };
  return inSet('{workspaceRoot}') || (isOwned && inSet('{projectRoot}'));
}

describe('the inferred inputs', () => {
  it.each(INPUT_CASES.filter((c) => !c.expectedHit).map((c) => [`${c.project}:${c.target}`, c.change, c] as const))(
    'rerun %s for %s',
    (_target, _change, testCase) => {
      expect(isInput(testCase)).toBe(true);
    },
  );

  it.each(INPUT_CASES.filter((c) => c.expectedHit).map((c) => [`${c.project}:${c.target}`, c.change, c] as const))(
    'keep the result of %s for %s',
    (_target, _change, testCase) => {
      expect(isInput(testCase)).toBe(false);
    },
  );
});

describe('the files of a package', () => {
  const haskellOf = (name: string) => infer(Object.keys(FIXTURE)).get(name)?.namedInputs?.['haskell'];
  const edited = (from: string, to: string): void => {
    write('packages/core/core.cabal', FIXTURE['packages/core/core.cabal']!.replace(from, to));
  };

  afterEach(() => {
    for (const [path, text] of Object.entries(FIXTURE)) write(path, text);
  });

  it('are all of its folder but what tools keep there', () => {
    expect(haskellOf('core')).toEqual([
      '{workspaceRoot}/packages/core/**/*',
      '!{workspaceRoot}/**/{node_modules,dist-newstyle,.stack-work,.git,.nx,.build-machines}/**/*',
    ]);
  });

  it('are with what its links lead to, where they lead, and the links on the way', () => {
    write('shared/v2/Linked.hs', 'module Linked where\n');
    symlinkSync('v2', join(root, 'shared/current'));
    symlinkSync('../../../shared/current/Linked.hs', join(root, 'packages/core/src/Linked.hs'));
    try {
      expect(haskellOf('core')).toEqual(
        expect.arrayContaining([
          '{workspaceRoot}/packages/core/**/*',
          '{workspaceRoot}/shared/v2/Linked.hs',
          { runtime: expect.stringContaining("find './packages/core' './shared/current' ") as string },
        ]),
      );
    } finally {
      rmSync(join(root, 'packages/core/src/Linked.hs'));
      rmSync(join(root, 'shared'), { recursive: true });
    }
  });

  it('are with the links of a folder that it names outside of itself, and what those lead to', () => {
    edited('dirs: src', 'dirs: src ../common');
    write('elsewhere/data.txt', 'x');
    mkdirSync(join(root, 'packages/common'), { recursive: true });
    symlinkSync('../../elsewhere', join(root, 'packages/common/data'));
    try {
      expect(haskellOf('core')).toEqual(
        expect.arrayContaining([
          '{workspaceRoot}/packages/common/**/*',
          '{workspaceRoot}/elsewhere/**/*',
          { runtime: expect.stringContaining("'./packages/common'") as string },
        ]),
      );
    } finally {
      rmSync(join(root, 'packages/common'), { recursive: true });
      rmSync(join(root, 'elsewhere'), { recursive: true });
    }
  });

  it('are with which of them may be executed, once there is one', () => {
    expect(haskellOf('core')?.some((input) => typeof input === 'object')).toBe(false);
    write('packages/core/test/run.sh', '#!/bin/sh\n');
    chmodSync(join(root, 'packages/core/test/run.sh'), 0o755);
    try {
      expect(haskellOf('core')).toContainEqual({ runtime: expect.stringContaining('-type f -perm -100') as string });
    } finally {
      rmSync(join(root, 'packages/core/test/run.sh'));
    }
  });

  it('are the same for its dependents: what a test suite names outside of the package is among them', () => {
    edited('dirs: test', 'dirs: test ../testing');
    expect(haskellOf('core')).toContain('{workspaceRoot}/packages/testing/**/*');
  });

  it('are all of the workspace for a package at its top, but what build-machines puts there', () => {
    write('top.cabal', `${FIXTURE['packages/embed/embed.cabal']!.replace('name: embed', 'name: top')}`);
    try {
      const inputs = infer([...Object.keys(FIXTURE), 'top.cabal']).get('top')?.namedInputs?.['haskell'];
      expect(inputs).toEqual(
        expect.arrayContaining([
          '{workspaceRoot}/**/*',
          '!{workspaceRoot}/dist/remote/**/*',
          '!{workspaceRoot}/dist/haddock/**/*',
        ]),
      );
    } finally {
      rmSync(join(root, 'top.cabal'));
    }
  });
});

describe('the dependencies of a target', () => {
  const inputsOf = (name: string, target: string, namedInputs: object = { haskell: ['default'] }) => {
    const config = Object.keys(FIXTURE).filter((file) => /(\.cabal|cabal\.project)$/.test(file));
    const nodes = inferNodes(
      config,
      parsePluginOptions({}),
      { workspaceRoot: root, nxJsonConfiguration: { namedInputs } as never },
      {},
    );
    const found = nodes
      .flatMap(([, { projects: inferred }]) => Object.values(inferred ?? {}))
      .find((p) => p.name === name);
    return found?.targets?.[target]?.inputs;
  };

  it('are those of the graph where that has no others', () => {
    expect(inputsOf('manual', 'remote-build')).toEqual(['haskell', 'haskellProject', '^haskell']);
    expect(inputsOf('core', 'remote-test')).toEqual(['haskell', 'haskellProject', '^haskell']);
  });

  it('are named where the graph also has what only tests need', () => {
    expect(inputsOf('app', 'remote-build')).toContainEqual({ input: 'haskell', projects: ['core', 'embed', 'manual'] });
    expect(inputsOf('core', 'remote-build')).toEqual(['haskell', 'haskellProject']);
  });

  it('are named in a workspace that init has not set up: Nx refuses ^haskell if a dependency is no Haskell package', () => {
    expect(inputsOf('manual', 'remote-build', {})).toEqual([
      'haskell',
      'haskellProject',
      { input: 'haskell', projects: ['embed'] },
    ]);
  });

  it('are named by the names that Nx gives them, and with all usual files where a user adds dependencies', () => {
    write('packages/embed/project.json', '{"name":"the-embed","implicitDependencies":["web"]}');
    try {
      expect(inputsOf('manual', 'remote-build', {})).toEqual([
        'haskell',
        'haskellProject',
        { input: 'haskell', projects: ['the-embed'] },
        '^default',
      ]);
    } finally {
      rmSync(join(root, 'packages/embed/project.json'));
    }
  });

  it('count for sessions, too: their inputs say what is sent', () => {
    for (const target of ['remote-ghci', 'remote-watch'])
      expect({ target, inputs: inputsOf('core', target) }).toEqual({ target, inputs: inputsOf('core', 'remote-test') });
  });
});
