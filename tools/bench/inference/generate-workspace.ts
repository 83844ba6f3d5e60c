import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Modules per generated package. */
const MODULES = 5;

/**
 * Writes a workspace of `count` Haskell packages under one cabal.project: each has a library of five modules, a test
 * suite and a README, depends on up to three packages before it, and every tenth one uses Template Haskell.
 * @returns the workspace-relative configuration files
 */
export function generateWorkspace(root: string, count: number): string[] {
  writeFileSync(join(root, 'cabal.project'), 'packages: packages/*/*.cabal\n');
  const files = ['cabal.project'];
  for (let index = 0; index < count; index += 1) {
    const folder = join(root, 'packages', `p${index}`);
    for (const part of ['src', 'test']) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, `p${index}.cabal`), description(index));
    writeFileSync(join(folder, 'README.md'), `# p${index}\n`);
    writeFileSync(join(folder, 'test', 'Spec.hs'), 'main :: IO ()\nmain = pure ()\n');
    for (let module = 0; module < MODULES; module += 1) {
      writeFileSync(join(folder, 'src', `M${module}.hs`), moduleText(index, module));
    }
    files.push(`packages/p${index}/p${index}.cabal`);
  }
  return files;
}

function description(index: number): string {
  const needs = [index - 1, Math.floor(index / 2), Math.floor(index / 3)].filter((i) => i >= 0 && i < index);
  const dependencies = ['base', ...new Set(needs.map((i) => `p${i}`))].join(', ');
  return `cabal-version: 2.4
name: p${index}
version: 0.1
build-type: Simple
library
  exposed-modules: ${Array.from({ length: MODULES }, (_, module) => `M${module}`).join(', ')}
  hs-source-dirs: src
  build-depends: ${dependencies}
  default-language: Haskell2010
test-suite spec
  type: exitcode-stdio-1.0
  hs-source-dirs: test
  main-is: Spec.hs
  build-depends: base, p${index}
  default-language: Haskell2010
`;
}

function moduleText(index: number, module: number): string {
  const pragma = index % 10 === 0 && module === 0 ? '{-# LANGUAGE TemplateHaskell #-}\n' : '';
  const lines = Array.from({ length: 60 }, (_, line) => `value${line} :: Int\nvalue${line} = ${line * module}\n`);
  return `${pragma}module M${module} where\n${lines.join('')}`;
}
