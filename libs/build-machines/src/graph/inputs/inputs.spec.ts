import picomatch from 'picomatch';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inferNodes } from '../create-nodes.js';
import { parsePluginOptions } from '../plugin-options.js';
import { FIXTURE, INPUT_CASES, type InputCase } from './inputs.cases.js';
import type { ProjectConfiguration } from '@nx/devkit';

/** Dependencies of the fixture's projects, as createDependencies infers them. */
const DEPENDENCIES: Record<string, string[]> = { app: ['core', 'manual'], manual: ['embed'] };

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

describe('a package whose build may read undeclared files', () => {
  const everything = ['{workspaceRoot}/packages/core/**/*'];
  const productionOf = (name: string) => infer(Object.keys(FIXTURE)).get(name)?.namedInputs?.['haskell'];
  const lenses = 'packages/lenses/src/Lenses.hs';
  const th = '{-# LANGUAGE TemplateHaskell #-}\nmodule Lenses where\n';

  afterEach(() => {
    for (const [path, text] of Object.entries(FIXTURE)) write(path, text);
  });

  it.each([
    ['a custom Setup', 'packages/core/core.cabal', FIXTURE['packages/core/core.cabal']!.replace('Simple', 'Custom')],
    [
      'a preprocessor of its own',
      'packages/core/src/Core.hs',
      '{-# OPTIONS_GHC -F -pgmF ./pp #-}\nmodule Core where\n',
    ],
    ['an include of a parent folder', 'packages/core/cbits/core.c', '#include "../README.md"\n'],
    ['an include by macro', 'packages/core/src/Core.hs', '{-# LANGUAGE CPP #-}\n#include FILE\nmodule Core where\n'],
    [
      'an include path in its options',
      'packages/core/core.cabal',
      FIXTURE['packages/core/core.cabal']!.replace('  c-sources', '  ghc-options: -I../x\n  c-sources'),
    ],
    ['an embedded assembler file', 'packages/core/cbits/core.c', 'asm(".incbin \\"README.md\\"");\n'],
  ])('counts all of its files: %s', (_what, path, text) => {
    write(path, text);
    expect(productionOf('core')).toEqual(expect.arrayContaining(everything));
    expect(productionOf('core')?.filter((input) => String(input).startsWith('!'))).toEqual([]);
  });

  it.each([
    ['lists a folder', `${th}x = $(embedDir "static")\n`],
    ['does I/O in the splice', `${th}x = $(runIO (readFile "x") >>= stringE)\n`],
    ['computes the path', `${th}x = $(embedFile (concat ["READ", "ME.md"]))\n`],
    ['embeds the folder that it is in', `${th}x = $(embed ".")\n`],
    ['names the README', `${th}x = $(embedFile "README.md")\n`],
    ['quotes the README', `{-# LANGUAGE QuasiQuotes #-}\nmodule Lenses where\nx = [file|readme.md|]\n`],
  ])('counts its README when Template Haskell %s', (_what, text) => {
    write(lenses, text);
    expect(productionOf('lenses')?.filter((input) => /!.*README/.test(String(input)))).toEqual([]);
  });

  it.each([
    ['a module', 'packages/core/src/Core.hs', '{-# LANGUAGE CPP #-}\nmodule Core where\n#include "test/config.h"\n'],
    ['a C source', 'packages/core/cbits/core.c', '#if __has_include("test/config.h")\n#endif\n'],
  ])('counts its tests when %s includes from their folder', (_what, path, text) => {
    write(path, text);
    expect(productionOf('core')?.filter((input) => /!.*test/.test(String(input)))).toEqual([]);
    expect(productionOf('core')?.some((input) => /!.*README/.test(String(input)))).toBe(true);
  });

  it.each([
    [
      'build',
      'its own code names a parent folder',
      'packages/manual/src/Manual.hs',
      `$(embedText "../core/README.md")`,
    ],
    ['build', 'code that it splices does', 'packages/embed/src/Embed.hs', 'readFile "../embed/README.md"'],
    ['build', 'code that it splices asks for data files', 'packages/embed/src/Embed.hs', 'getDataFileName "README.md"'],
  ])('of a %s are all files of what it needs when %s', (_target, _why, path, text) => {
    const targets = (name: string) => infer(Object.keys(FIXTURE)).get(name)?.targets;
    expect(targets('app')?.['remote-build']?.inputs).toContain('^haskell');
    write(path, `${FIXTURE[path]!}\nx = ${text}\n`);
    for (const name of ['manual', 'app'])
      expect({ name, inputs: targets(name)?.['remote-build']?.inputs }).toEqual({
        name,
        inputs: expect.arrayContaining(['^default', 'haskellDependencies']) as unknown,
      });
  });

  it('of tests are all files of what they need when code of that names a parent folder', () => {
    const testInputsOf = () => infer(Object.keys(FIXTURE)).get('checked')?.targets?.['remote-test']?.inputs;
    write(
      'packages/core/core.cabal',
      FIXTURE['packages/core/core.cabal']!.replace('name: core', 'name: checked').replaceAll(', core', ', embed'),
    );
    expect(testInputsOf()).toContain('^haskell');
    write('packages/embed/src/Embed.hs', 'module Embed where\nfixture = readFile "../embed/test/x"\n');
    expect(testInputsOf()).toEqual(expect.arrayContaining(['^default', 'haskellDependencies']));
  });

  it('counts its tests when Template Haskell names their folder', () => {
    write(lenses, `${th}x = $(embedFile "checks/T.hs")\n`);
    expect(productionOf('lenses')?.filter((input) => /!.*checks/.test(String(input)))).toEqual([]);
  });

  it.each(['package lenses', 'package *', 'program-options'])(
    'counts its README when cabal.project lets it run code: %s',
    (section) => {
      const text = FIXTURE['packages/lenses/src/Lenses.hs']!.replace(/^.*\n/, '-- README\n');
      write(lenses, text);
      expect(productionOf('lenses')?.some((input) => /!.*README/.test(String(input)))).toBe(true);
      write('cabal.project', `packages: packages/*/*.cabal\n${section}\n  ghc-options: -XTemplateHaskell\n`);
      expect(productionOf('lenses')?.filter((input) => /!.*README/.test(String(input)))).toEqual([]);
    },
  );

  it('counts what its links lead to, where they lead, and all of its own files', () => {
    write('shared/Linked.hs', 'module Linked where\n');
    symlinkSync('../../../shared/Linked.hs', join(root, 'packages/core/src/Linked.hs'));
    try {
      expect(productionOf('core')).toEqual([
        '{workspaceRoot}/packages/core/**/*',
        '{workspaceRoot}/shared/Linked.hs',
        { runtime: expect.stringContaining("find './packages/core'") as string },
      ]);
    } finally {
      rmSync(join(root, 'packages/core/src/Linked.hs'));
    }
  });

  it('counts which files may be executed, once there is one that git does not ignore', () => {
    const executables = { runtime: expect.stringContaining('-type f -perm -100') as string };
    write('.gitignore', `${FIXTURE['.gitignore']}made\n`);
    for (const [path, counts] of [
      ['packages/core/made', false],
      ['packages/core/test/run.sh', true],
    ] as const) {
      write(path, '#!/bin/sh\n');
      chmodSync(join(root, path), 0o755);
      const inputs = infer(Object.keys(FIXTURE)).get('core')?.namedInputs?.['haskellPackage'];
      expect({ path, inputs }).toEqual({
        path,
        inputs: counts ? expect.arrayContaining([executables]) : expect.not.arrayContaining([executables]),
      });
      rmSync(join(root, path));
    }
  });

  it.each(['result', '.direnv/profile'])('counts as before with a link that git ignores: %s', (link) => {
    const before = productionOf('core');
    write('.gitignore', `${FIXTURE['.gitignore']}result\n.direnv\n`);
    mkdirSync(dirname(join(root, 'packages/core', link)), { recursive: true });
    symlinkSync('/nix/store/x', join(root, 'packages/core', link));
    try {
      expect(productionOf('core')).toEqual(before);
    } finally {
      rmSync(join(root, 'packages/core', link));
    }
  });

  it('counts what a test suite has outside of its package, for tests only', () => {
    write(
      'packages/core/core.cabal',
      FIXTURE['packages/core/core.cabal']!.replace('dirs: test', 'dirs: test ../testing'),
    );
    const inputs = infer(Object.keys(FIXTURE)).get('core')?.namedInputs;
    expect(inputs?.['haskellPackage']).toContain('{workspaceRoot}/packages/testing/**/*');
    expect(inputs?.['haskell']).not.toContain('{workspaceRoot}/packages/testing/**/*');
  });

  it("counts a dependency's sources outside of its folder, also in a workspace that init has not set up", () => {
    write('packages/core/core.cabal', FIXTURE['packages/core/core.cabal']!.replace('dirs: src', 'dirs: src ../common'));
    const config = Object.keys(FIXTURE).filter((file) => /(\.cabal|cabal\.project)$/.test(file));
    const nodes = inferNodes(config, parsePluginOptions({}), { workspaceRoot: root, nxJsonConfiguration: {} }, {});
    const app = nodes.flatMap(([, { projects: found }]) => Object.values(found ?? {})).find((p) => p.name === 'app');
    expect(app?.targets?.['remote-build']?.inputs).toContain('haskellDependencies');
    expect(app?.namedInputs?.['haskellDependencies']).toContain('{workspaceRoot}/packages/common/**/*');
  });

  it('counts all files when the plugin is told so', () => {
    const config = Object.keys(FIXTURE).filter((file) => /(\.cabal|cabal\.project)$/.test(file));
    const nodes = inferNodes(
      config,
      parsePluginOptions({ exactInputs: false }),
      { workspaceRoot: root, nxJsonConfiguration: {} },
      {},
    );
    const core = nodes.flatMap(([, { projects: found }]) => Object.values(found ?? {})).find((p) => p.name === 'core');
    expect(core?.namedInputs?.['haskell']).toEqual(everything);
    expect(core?.targets?.['remote-build']?.inputs).toContain('^default');
  });
});
