import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TraitParts } from '@build-machines/protocol';
import { digestOf, type FileDigests } from './file-digests.js';
import { list } from './local-files.js';

/** Where cabal's configuration lies below a home folder: up to 3.8 and where it exists, and by XDG. */
export const CONFIG_FILES = ['.cabal/config', '.config/cabal/config'];

/** Where it keeps downloaded indices by default. */
const CACHES = ['.cabal/packages', '.cache/cabal/packages'];

/** Fields that change no build and must not be guessed from a digest. */
const SECRET = /^\s*(username|password|password-command|token)\s*:/i;

/** cabal's configuration and the state of its package indices: what its solver sees besides the package databases. */
export async function cabalConfiguration(home: string, files: FileDigests): Promise<TraitParts> {
  const parts: TraitParts = {};
  const caches = new Set(CACHES.map((folder) => join(home, folder)));
  const local = new Set<string>();
  for (const path of CONFIG_FILES) {
    const file = join(home, path);
    const digest = await files.text(file, effectiveLines);
    if (digest === undefined) continue;
    parts[`cabal configuration ~/${path}`] = digest;
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const [, cache] of text.matchAll(/^\s*remote-repo-cache\s*:\s*(\S.*?)\s*$/gm))
      if (cache !== undefined) caches.add(cache.replace(/^"(.*)"$/, '$1'));
    for (const [, folder] of text.matchAll(/file\+noindex:\/\/([^\s#]+)/g)) if (folder !== undefined) local.add(folder);
  }
  for (const cache of caches)
    for (const repository of await list(cache)) {
      const state = await indexState(join(cache, repository), files);
      if (state !== undefined) parts[`package index ${repository}`] = state;
    }
  for (const folder of local) {
    const state = await localRepository(folder, files);
    if (state !== undefined) parts[`package folder ${files.withoutHomes(folder)}`] = state;
  }
  return parts;
}

/** A configuration without comments, blank lines and secrets: cabal writes a default one that is mostly comments. */
export function effectiveLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*--/.test(line) && !SECRET.test(line))
    .join('\n');
}

/** State of a downloaded index. It is too large to be read for each run; it only ever grows, and its time is recorded. */
async function indexState(folder: string, files: FileDigests): Promise<string | undefined> {
  for (const name of ['01-index', '00-index']) {
    const tar = await stat(join(folder, `${name}.tar`)).catch(() => undefined);
    if (tar === undefined) continue;
    const time = await files.text(join(folder, `${name}.timestamp`));
    return [`${tar.size} bytes`, ...(time === undefined ? [] : [time])].join(' ');
  }
  return undefined;
}

/** The packages of a repository that is a folder (`file+noindex:`): the folder is its own index. */
async function localRepository(folder: string, files: FileDigests): Promise<string | undefined> {
  const packages = (await list(folder)).filter((name) => /\.(tar\.gz|cabal)$/.test(name));
  if (packages.length === 0) return undefined;
  const contents = await Promise.all(packages.map((name) => files.bytes(join(folder, name))));
  return digestOf(packages.map((name, index) => `${name} ${contents[index] ?? ''}`).join('\n')).slice(0, 12);
}
