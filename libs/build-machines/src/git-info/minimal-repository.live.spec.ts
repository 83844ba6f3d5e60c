import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GIT_FACTS_COMMAND, gitFacts, NoCommitError } from './git-facts.js';
import { minimalRepository, repositoryDigest } from './minimal-repository.js';
import { repositoryPreparation } from './repository-preparation.js';

const ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_AUTHOR_NAME: 'Ädä',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Grace',
  GIT_COMMITTER_EMAIL: 'grace@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** What githash and gitrev ask, and what people write by hand, except for what needs the history. */
const QUESTIONS = [
  ['rev-parse', 'HEAD'],
  ['rev-parse', '--short', 'HEAD'],
  ['rev-parse', '--abbrev-ref', 'HEAD'],
  ['symbolic-ref', '-q', 'HEAD'],
  ['log', 'HEAD', '-1', '--format=%cd'],
  ['log', '-1', '--pretty=%B'],
  ['log', '-1', '--format=%H %an %ae %cn %ct'],
  ['show', '-s', '--format=%ci', 'HEAD'],
  ['describe', '--always', '--long'],
  ['describe', '--always', '--tags'],
  ['describe', '--always', '--dirty'],
  ['tag', '--points-at', 'HEAD'],
];

describe.each(['sha1', 'sha256'])('the repository of a run (%s)', (format) => {
  let root: string;
  let workspace: string;
  let mirror: string;
  const git = (folder: string, ...args: string[]): string => {
    try {
      return execFileSync('git', args, { cwd: folder, env: ENV, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      return `failed: ${String((error as { status: unknown }).status)}`;
    }
  };
  const commit = (message: string): void => {
    writeFileSync(join(workspace, 'file'), message);
    git(workspace, 'add', '.');
    git(workspace, 'commit', '-q', '-m', message);
  };
  const give = async (): Promise<void> => {
    const [file = '', ...args] = repositoryPreparation(minimalRepository(await gitFacts(workspace)), 'app');
    execFileSync(file, args, { cwd: join(mirror, 'app') });
  };
  const expectSameAnswers = (): void => {
    for (const question of QUESTIONS)
      expect([question, git(join(mirror, 'app'), ...question)]).toEqual([question, git(workspace, ...question)]);
    const isClean = (folder: string) => [
      git(folder, 'status', '--porcelain') === '',
      git(folder, 'status', '--porcelain', '--untracked-files=no') === '',
      git(folder, 'diff-index', '--quiet', 'HEAD'),
    ];
    expect(isClean(join(mirror, 'app'))).toEqual(isClean(workspace));
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bm-git-'));
    workspace = join(root, 'workspace');
    mirror = join(root, 'mirror');
    mkdirSync(join(mirror, 'app'), { recursive: true });
    writeFileSync(join(mirror, '.gitignore'), 'dist-newstyle\nbuilt\n.nx\n');
    writeFileSync(join(mirror, 'app/built'), '');
    execFileSync('git', ['init', '-q', '-b', 'feature/one', `--object-format=${format}`, workspace], { env: ENV });
    commit('first');
    commit('second\n\nwith a body: ü\n\ttree 1');
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it('answers as that of the workspace: on a branch, with changes and without, at tags, without a branch', async () => {
    await give();
    expectSameAnswers();
    expect(git(mirror, 'log', '-1', '--pretty=%s')).toBe('second\n');
    writeFileSync(join(workspace, 'unknown'), '');
    await give();
    expectSameAnswers();
    writeFileSync(join(workspace, 'file'), 'changed');
    await give();
    expectSameAnswers();
    rmSync(join(workspace, 'unknown'));
    await give();
    expectSameAnswers();
    git(workspace, 'checkout', '-q', '.');
    git(workspace, 'tag', 'light');
    git(workspace, 'tag', '-a', 'v1.0', '-m', 'annotated');
    git(workspace, 'config', 'core.abbrev', '12');
    git(workspace, 'checkout', '-q', '--detach');
    await give();
    expectSameAnswers();
  });

  it('takes nothing that a build makes for a change', async () => {
    await give();
    writeFileSync(join(mirror, 'made'), '');
    expect(git(mirror, 'status', '--porcelain')).toBe('');
  });

  it('is the same for the same facts, which the command for Nx prints', async () => {
    const seen = async (): Promise<[string, string]> => [
      repositoryDigest(minimalRepository(await gitFacts(workspace))),
      execFileSync('sh', ['-c', GIT_FACTS_COMMAND], { cwd: workspace, env: ENV, encoding: 'utf8' }),
    ];
    const changes = [
      () => undefined,
      () => git(workspace, 'branch', '-m', 'other'),
      () => git(workspace, 'tag', 'v2'),
      () => git(workspace, 'tag', '-f', '-a', 'v2', '-m', 'two'),
      () => {
        writeFileSync(join(workspace, 'new'), '');
      },
      () => {
        writeFileSync(join(workspace, 'file'), 'changed');
      },
      () => {
        commit('third');
      },
    ];
    const states: [string, string][] = [];
    for (const change of changes) {
      change();
      states.push(await seen());
      expect(await seen()).toEqual(states.at(-1));
    }
    for (const which of [0, 1]) expect(new Set(states.map((state) => state[which])).size).toBe(changes.length);
  });

  it('cannot be made where there is no commit', async () => {
    const empty = join(root, 'empty');
    mkdirSync(empty);
    await expect(gitFacts(empty)).rejects.toThrow(NoCommitError);
  });
});
