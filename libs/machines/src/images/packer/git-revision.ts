import { execa, ExecaError } from 'execa';
import { hasErrorCode } from '../../disk/missing.js';

/** The commit that a folder is at, and whether it has changes; null outside of Git. */
export async function gitRevision(
  folder: string,
  signal?: AbortSignal,
): Promise<{ revision: string; dirty: boolean } | null> {
  const git = async (...args: string[]): Promise<string> =>
    (await execa('git', ['-C', folder, ...args], { stdin: 'ignore', cancelSignal: signal })).stdout;
  try {
    const revision = (await git('rev-parse', 'HEAD')).trim();
    return { revision, dirty: (await git('status', '--porcelain', '--untracked-files=no')).trim() !== '' };
  } catch (error) {
    signal?.throwIfAborted();
    // No git, no repository, or no commit yet: the image then simply has no revision.
    if (error instanceof ExecaError || hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}
