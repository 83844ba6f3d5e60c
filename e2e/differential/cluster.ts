import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTree, type Workspace } from '../support/workspace.js';

/** A package, with what of it can be compared. */
export interface Compared {
  /** Name of its Nx project. */
  readonly project: string;
  /** Name for cabal, where that is another. */
  readonly cabalName?: string;
  readonly executables?: readonly string[];
  /** Whether it has a test suite. */
  readonly tests?: boolean;
}

/** What an edit is done with. */
export interface Editing {
  readonly workspace: Workspace;
  /** A number that no edit before had: whatever is written with it is new. */
  readonly serial: number;
  /** Chooses one of several, as the seed of the run says. */
  choose<T>(among: readonly T[]): T;
}

/** One kind of thing that people and tools do to a workspace. */
export interface EditKind {
  readonly name: string;
  apply(editing: Editing): void | Promise<void>;
}

/**
 * Packages that are built together, in a folder with a cabal.project of its own: an edit here changes nothing elsewhere, so
 * that plain cabal has to build only these to say what is right.
 */
export interface Cluster {
  /** Folder of its cabal.project, relative to the workspace. */
  readonly folder: string;
  readonly packages: readonly Compared[];
  readonly files: Readonly<Record<string, string>>;
  readonly edits: readonly EditKind[];
  /** What files alone cannot say: links, modes, submodules. */
  prepare?(workspace: Workspace): void;
  /** Makes what git does not keep, in a checkout; what Nx's targets do in the workspace. */
  generate?(root: string): void;
}

/** What stands in a file and is to reach a program: a word or a macro, with a number that edits count up. */
const WORD = /(\bword|_NUMBER=)(\d+)\b/;

/** Counts the word in a file up; an empty file is given one. */
export function bump({ workspace, serial }: Editing, path: string): void {
  const text = readFileSync(join(workspace.root, path), 'utf8');
  if (text !== '' && !WORD.test(text)) throw new Error(`${path} holds no word to change`);
  const changed = text.replace(WORD, (_, name: string) => `${name}${String(serial)}`);
  writeTree(workspace, { [path]: text === '' ? `word${String(serial)}\n` : changed });
}

/** An edit that changes the word in one of some files. */
export function wordEdit(name: string, ...paths: string[]): EditKind {
  return {
    name,
    apply: (editing) => {
      bump(editing, editing.choose(paths));
    },
  };
}

/** Replaces text in a file; it must be there. */
export function replaceIn({ workspace }: Editing, path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(workspace.root, path), 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${path} does not hold ${String(from)}`);
  writeTree(workspace, { [path]: changed });
}

/** A package description with one executable of one module. */
export function executable(name: string, fields = '', options = ''): string {
  return `cabal-version: 2.4
name: ${name}
version: 1
${fields}executable ${name}
  main-is: Main.hs
  build-depends: base, template-haskell
  default-language: Haskell2010
${options}`;
}

/** A program that prints the content of a file, which it reads while it is compiled. */
export function embedding(path: string): string {
  return `{-# LANGUAGE TemplateHaskell #-}
module Main (main) where

import Language.Haskell.TH.Syntax

main :: IO ()
main = putStrLn $(runIO (readFile ${JSON.stringify(path)}) >>= \\text -> length text \`seq\` lift text)
`;
}
