import { BuildMachinesError } from '@build-machines/protocol';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A tag that points at the commit. */
export interface Tag {
  readonly name: string;
  /** Id of the tag's own object, or of the commit where it has none. */
  readonly id: string;
  /** Content of the tag's own object; null for a tag without one. */
  readonly object: Buffer | null;
}

/** What a program can learn of the commit that is checked out. */
export interface GitFacts {
  readonly commit: string;
  /** The commit as git keeps it: tree, parents, author, committer, message. */
  readonly object: Buffer;
  /** Null for a detached HEAD. */
  readonly branch: string | null;
  /** Sorted by name. */
  readonly tags: readonly Tag[];
  /** To how many digits git shortens ids here. */
  readonly abbreviation: number;
  /** Whether files that git knows have changes. */
  readonly isChanged: boolean;
  /** Whether there are files that git does not know. */
  readonly hasUntracked: boolean;
}

/**
 * Prints all that {@link gitFacts} depends on: an input of each task that sees it, for Nx, which runs it in a shell. The
 * commit's id stands for its content.
 */
export const GIT_FACTS_COMMAND = [
  'git rev-parse HEAD',
  'git rev-parse --short HEAD',
  'git symbolic-ref -q HEAD',
  'git for-each-ref --points-at=HEAD refs/tags',
  'git --no-optional-locks status --porcelain | cut -c 1-2 | sed "s/[^?].*/changed/" | sort -u',
].join('; ');

const run = promisify(execFile);

/**
 * Asks git about the commit that a workspace has checked out.
 * @throws NoCommitError where git knows of none
 */
export async function gitFacts(workspaceRoot: string): Promise<GitFacts> {
  const git = async (...args: string[]): Promise<Buffer> => {
    const options = { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 } as const;
    return (await run('git', ['--no-optional-locks', '-C', workspaceRoot, ...args], options)).stdout;
  };
  const line = async (...args: string[]): Promise<string> => (await git(...args)).toString().trim();
  let commit: string;
  try {
    commit = await line('rev-parse', '--verify', 'HEAD');
  } catch (error) {
    throw new NoCommitError(workspaceRoot, error);
  }
  const [object, abbreviated, branch, tags, status] = await Promise.all([
    git('cat-file', 'commit', commit),
    line('rev-parse', '--short', commit),
    line('symbolic-ref', '--quiet', '--short', 'HEAD').catch(() => null),
    line('for-each-ref', '--points-at', commit, '--format=%(objecttype) %(objectname) %(refname:strip=2)', 'refs/tags'),
    line('status', '--porcelain'),
  ]);
  const states = status.split('\n');
  const lines = tags.split('\n').filter((text) => text !== '');
  return {
    commit,
    object,
    branch,
    tags: await Promise.all(lines.map((text) => tagOf(text, (id) => git('cat-file', 'tag', id)))),
    abbreviation: abbreviated.length,
    isChanged: states.some((state) => state !== '' && !state.startsWith('??')),
    hasUntracked: states.some((state) => state.startsWith('??')),
  };
}

async function tagOf(line: string, contentOf: (id: string) => Promise<Buffer>): Promise<Tag> {
  const [type, id = '', ...name] = line.split(' ');
  return { name: name.join(' '), id, object: type === 'tag' ? await contentOf(id) : null };
}

/** A target is to see the commit, but there is none. */
export class NoCommitError extends BuildMachinesError {
  readonly code = 'git-commit-missing';
  constructor(workspaceRoot: string, cause: unknown) {
    super(`The option "gitInfo" gives a run the commit of ${workspaceRoot}, but git finds none there.`, {
      hint: 'Commit something first (git init; git commit), or remove "gitInfo" from the options.',
      cause,
    });
  }
}
