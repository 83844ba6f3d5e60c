import { createHash } from 'node:crypto';
import type { GitFacts } from './git-facts.js';
import { formatOf, indexWithAddedFile, looseObject, type ObjectFormat, type RepositoryFile } from './git-object.js';

/** Stands in the index where the work tree has changes. */
const CHANGED = 'changed-in-the-workspace';

/**
 * A file beside the sources that git does not know. Not in a build folder, which a .gitignore may name: that counts more
 * than the repository's own patterns.
 */
const UNTRACKED = '.untracked-in-the-workspace';

/**
 * The files of a `.git` that answers what a program asks about the commit it is built from: id, branch, tags, author,
 * date, message, and whether there are changes. It has what a shallow clone of depth 1 has, without any file of the
 * commit: git is to take a replacement of the commit (git-replace) whose tree is empty, so that no object of a tree is
 * missed, and the work tree is as clean, or changed, as that of the workspace. The same facts give the same files.
 */
export function minimalRepository(facts: GitFacts): RepositoryFile[] {
  const format = formatOf(facts.commit);
  const original = looseObject('commit', facts.object, format);
  const tree = looseObject('tree', Buffer.alloc(0), format);
  const replacement = looseObject('commit', withoutFilesAndParents(facts.object, tree.id), format);
  const text = (path: string, content: string): RepositoryFile => ({ path, content: Buffer.from(content) });
  return [
    facts.branch === null ? text('HEAD', `${facts.commit}\n`) : text('HEAD', `ref: refs/heads/${facts.branch}\n`),
    text('config', configuration(facts.abbreviation, format)),
    // What builds make is no change.
    text('info/exclude', facts.hasUntracked ? `/*\n!/${UNTRACKED}\n` : '*\n'),
    ...(facts.hasUntracked ? [text(`../${UNTRACKED}`, '')] : []),
    ...(facts.branch === null ? [] : [text(`refs/heads/${facts.branch}`, `${facts.commit}\n`)]),
    ...facts.tags.map(({ name, id }) => text(`refs/tags/${name}`, `${id}\n`)),
    text(`refs/replace/${facts.commit}`, `${replacement.id}\n`),
    ...[original, tree, replacement].map(({ path, content }) => ({ path, content })),
    ...facts.tags.flatMap(({ object }) => (object === null ? [] : [tagFile(object, format)])),
    ...(facts.isChanged ? [{ path: 'index', content: indexWithAddedFile(CHANGED, emptyBlob(format), format) }] : []),
  ];
}

/** Names the files of a repository together. */
export function repositoryDigest(files: readonly RepositoryFile[]): string {
  const digest = createHash('sha256');
  for (const { path, content } of files) digest.update(`${path}\0${content.length}\0`).update(content);
  return digest.digest('hex');
}

function tagFile(object: Buffer, format: ObjectFormat): RepositoryFile {
  const { path, content } = looseObject('tag', object, format);
  return { path, content };
}

/** A commit's headers end at the first empty line; only `tree` and `parent` name other objects. Signatures are of the original. */
function withoutFilesAndParents(commit: Buffer, emptyTree: string): Buffer {
  const end = commit.indexOf('\n\n');
  const lines = commit.subarray(0, end).toString('latin1').split('\n');
  let dropped = false;
  const kept = lines.filter((line) => {
    if (!line.startsWith(' ')) dropped = /^(?:tree|parent|gpgsig|gpgsig-sha256|mergetag) /.test(line);
    return !dropped;
  });
  const headers = [`tree ${emptyTree}`, ...kept].join('\n');
  return Buffer.concat([Buffer.from(headers, 'latin1'), commit.subarray(end)]);
}

function configuration(abbreviation: number, format: ObjectFormat): string {
  const core = `[core]\n\trepositoryformatversion = ${format === 'sha1' ? 0 : 1}\n\tbare = false\n\tabbrev = ${abbreviation}\n`;
  return format === 'sha1' ? core : `${core}[extensions]\n\tobjectformat = ${format}\n`;
}

function emptyBlob(format: ObjectFormat): string {
  return createHash(format).update('blob 0\0').digest('hex');
}
