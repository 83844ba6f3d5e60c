import { absentAs, entriesBelow, type LocatedPackage } from '@build-machines/haskell';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AnalysisCache } from '../nx/analysis-cache.js';
import { cacheKey } from '../nx/analysis-cache.js';
import { type ExclusionCandidate, exclusionCandidates, mentions, preprocessorLines } from './exclusion-candidates.js';
import type { AnalysedSources } from './production-scope.js';
import { anyOf, NO_FACTS, sourceFacts } from './source-facts.js';

/** Files that a compiler or preprocessor reads as source. */
const SOURCE =
  /\.(hs|lhs|hsc|chs|hsig|hs-boot|lhs-boot|x|y|ly|gc|cpphs|c|h|cc|cpp|cxx|hpp|hh|inc|cmm|s|S|js|hamlet|julius|lucius|cassius|persistentmodels)$/;

/** Above this, a "source" is data that was given a source's ending; it is taken to read anything. */
const LARGEST_SOURCE_BYTES = 4 * 1024 * 1024;

/**
 * Reads the sources of a package that a plain build may compile (all but those in folders of tests) and gathers what
 * they say about files read at compile time. The answer is kept until a file changes its size, times or inode: not even
 * a content that was changed with its modification time set back goes unnoticed, because the change time cannot be set.
 * @param nested folders of other packages inside this one, absolute: their sources are not this package's
 */
export function analyseSources(
  pkg: LocatedPackage,
  nested: ReadonlySet<string>,
  cache: AnalysisCache,
): AnalysedSources {
  const candidates = exclusionCandidates(pkg, topLevelFiles(pkg.dir)).filter(
    (candidate) => ![...nested].some((folder) => `${folder}/`.startsWith(`${join(pkg.dir, candidate.path)}/`)),
  );
  const skipped = new Set([...nested, ...candidates.map((candidate) => join(pkg.dir, candidate.path))]);
  const files = sourceFiles(pkg.dir, skipped);
  const testFiles = candidates
    .filter((candidate) => candidate.kind === 'test-folder')
    .flatMap((candidate) => sourceFiles(join(pkg.dir, candidate.path), nested));
  const key = cacheKey('sources', stateOf(files), stateOf(testFiles), JSON.stringify(candidates));
  return cache.get(key, () => ({
    ...analyse(files, candidates),
    testsNameParentFolder: testFiles.some((file) => sourceFacts(textOf(file)).namesParentFolder),
  }));
}

function stateOf(files: readonly SourceFile[]): string {
  return files.map(({ path, signature }) => `${path}\0${signature}`).join('\n');
}

/** Bytes that are not UTF-8 become replacement characters; nothing that is looked for holds any. */
function textOf({ path }: SourceFile): string {
  return readFileSync(path, 'utf8');
}

function analyse(
  files: readonly SourceFile[],
  candidates: readonly ExclusionCandidate[],
): Omit<AnalysedSources, 'testsNameParentFolder'> {
  let facts = NO_FACTS;
  const mentioned = new Set<string>();
  const included = new Set<string>();
  for (const file of files) {
    const text = textOf(file);
    if (text.length > LARGEST_SOURCE_BYTES) facts = { ...facts, reachesOut: true };
    facts = anyOf(facts, sourceFacts(text));
    const directives = preprocessorLines(text);
    for (const candidate of candidates) {
      if (mentions(text, candidate)) mentioned.add(candidate.path);
      if (mentions(directives, candidate)) included.add(candidate.path);
    }
  }
  return { facts, candidates, mentioned: [...mentioned].sort(), included: [...included].sort() };
}

interface SourceFile {
  readonly path: string;
  readonly signature: string;
}

function sourceFiles(folder: string, skipped: ReadonlySet<string>): SourceFile[] {
  if (!existsSync(folder)) return []; // A declared folder need not be there yet.
  return entriesBelow(folder, skipped).flatMap(({ path }): SourceFile[] => {
    if (!SOURCE.test(path)) return [];
    const stat = absentAs(null, () => statSync(path));
    if (stat === null || !stat.isFile()) return [];
    return [{ path, signature: `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}` }];
  });
}

function topLevelFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
}
