import { execa } from 'execa';
import { GitListingError } from './sync-errors.js';

/** What git sets for its hooks (`git rev-parse --local-env-vars`); it would point every call at the wrong repository. */
const hookVariables = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_CONFIG_COUNT',
  'GIT_OBJECT_DIRECTORY',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_GRAFT_FILE',
  'GIT_INDEX_FILE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_REPLACE_REF_BASE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_COMMON_DIR',
];

const gitEnvironment = {
  LC_ALL: 'C',
  GIT_OPTIONAL_LOCKS: '0',
  ...Object.fromEntries(hookVariables.map((name) => [name, undefined])),
};

/** Paths relative to the folder that was asked about, without trailing slash; a folder stands for all below it. */
export type IgnoredPaths = ReadonlySet<string>;

/**
 * Asks git which untracked paths of `folder` are ignored; a tracked file is never among them, whatever the patterns say.
 * `within`: only below these paths, relative to the folder and in the same repository.
 * @returns undefined when there is no usable repository or no git on this computer; ignore files are read then.
 * @throws GitListingError when git refuses, because of a repository of another owner, for example.
 */
export async function gitIgnored(
  folder: string,
  within: readonly string[],
  signal?: AbortSignal,
): Promise<IgnoredPaths | undefined> {
  const listing = ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z', '--', ...within];
  const answer = await git(folder, ['--literal-pathspecs', ...listing], signal);
  return answer?.exitCode === 0 ? parseIgnored(answer.stdout) : undefined;
}

/**
 * Reads that listing. Git names a folder for one of two reasons: it is ignored itself, or all in it is; in the second
 * case its contents are listed too, and the folder itself, which the build may need, is not ignored.
 */
export function parseIgnored(listing: string): IgnoredPaths {
  const paths = listing.split('\0').filter((path) => path !== '');
  const holders = new Set<string>();
  for (const path of paths) {
    const bare = path.endsWith('/') ? path.slice(0, -1) : path;
    for (let slash = bare.lastIndexOf('/'); slash > 0; slash = bare.lastIndexOf('/', slash - 1))
      holders.add(bare.slice(0, slash + 1));
  }
  const ignored = paths.filter((path) => !holders.has(path));
  return new Set(ignored.map((path) => (path.endsWith('/') ? path.slice(0, -1) : path)));
}

/** Whether `folder` is in a git checkout that does not ignore it as a whole, as a home folder under git may. */
export async function isInGitCheckout(folder: string, signal?: AbortSignal): Promise<boolean> {
  const ignored = await git(folder, ['check-ignore', '--quiet', '.'], signal);
  return ignored?.exitCode === 1;
}

/** `undefined`: no repository, or no git. Exit status 1 is an answer of some commands. */
async function git(
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<{ exitCode: number; stdout: string } | undefined> {
  const result = await execa('git', args, {
    cwd: folder,
    env: gitEnvironment,
    stdin: 'ignore',
    reject: false,
    cancelSignal: signal,
    maxBuffer: 512 * 1024 * 1024,
    stripFinalNewline: false,
  });
  signal?.throwIfAborted();
  if (result.exitCode === 0 || result.exitCode === 1) return { exitCode: result.exitCode, stdout: result.stdout };
  const stderr = result.stderr ?? '';
  if (result.code === 'ENOENT' || /not a git repository/i.test(stderr)) return undefined;
  throw new GitListingError(folder, stderr || (result.shortMessage ?? ''));
}
