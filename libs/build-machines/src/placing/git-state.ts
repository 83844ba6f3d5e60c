import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Which version of the sources a run was of. All null outside of git. */
export interface GitState {
  readonly commit: string | null;
  readonly branch: string | null;
  /** Whether the work tree differs from the commit; null where finding out would take long. */
  readonly dirty: boolean | null;
}

const WITHIN_MS = 1_500;
const run = promisify(execFile);

/** Asks git about a workspace; never throws, and takes two short moments at most: it is for people who look at runs. */
export async function gitState(workspaceRoot: string): Promise<GitState> {
  const git = async (...args: string[]): Promise<string | null> => {
    try {
      const options = { timeout: WITHIN_MS, maxBuffer: 16 * 1024 * 1024 };
      return (await run('git', ['--no-optional-locks', '-C', workspaceRoot, ...args], options)).stdout;
    } catch {
      return null; // No git, no repository, no commit yet, or a tree too large to look through now.
    }
  };
  const [head, status] = await Promise.all([
    git('rev-parse', 'HEAD', '--abbrev-ref', 'HEAD'),
    git('status', '--porcelain', '--untracked-files=normal'),
  ]);
  const [commit, branch] = head?.trim().split('\n') ?? [];
  return {
    commit: commit ?? null,
    branch: branch === undefined || branch === 'HEAD' ? null : branch,
    dirty: status === null ? null : status !== '',
  };
}
