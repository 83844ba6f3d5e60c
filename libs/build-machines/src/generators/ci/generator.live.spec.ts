import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { updateNxJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { parse } from 'yaml';
import ciGenerator from './generator.js';
import { withInclude } from './gitlab-include.js';

interface GitHubStep {
  name?: string;
  run?: string;
  env?: Record<string, string>;
}

/** Runs a shell script of a pipeline for real, with nothing but the given variables, and returns what it prints. */
const runShell = (script: string, env: Record<string, string>): string =>
  execFileSync('sh', ['-c', script], { env: { PATH: process.env['PATH'] ?? '', ...env }, encoding: 'utf8' });

describe('nx g build-machines:ci', () => {
  let tree: Tree;

  beforeEach(() => {
    tree = createTreeWithEmptyWorkspace();
    tree.write('machines/sandbox/machine.yml', 'name: sandbox\nprovider: sandbox\n');
  });

  describe('for GitHub Actions', () => {
    const file = '.github/workflows/build-machines.yml';
    const steps = (): GitHubStep[] =>
      (parse(tree.read(file, 'utf8') ?? '') as { jobs: { affected: { steps: GitHubStep[] } } }).jobs.affected.steps;

    it('brings the machine up, runs what is affected, and ends the machine whatever happened', async () => {
      await ciGenerator(tree, { ci: 'github', targets: ['remote-test'], skipFormat: true });
      const runs = steps().flatMap(({ run }) => (run === undefined ? [] : [run]));
      expect(runs.slice(-4)).toEqual([
        'npx nx sync:check',
        'npx nx run sandbox:up',
        'npx nx affected -t remote-test --outputStyle=static',
        'npx nx run sandbox:down',
      ]);
      expect(steps().at(-1)).toMatchObject({ if: 'always()' });
    });

    it('gives pull requests the token that reads, and a fork, which has none, no cache at all', async () => {
      await ciGenerator(tree, { ci: 'github', skipFormat: true });
      const choose = steps().find(({ name }) => name === 'Choose the remote cache');
      expect(choose?.env?.['CACHE_TOKEN']).toMatch(
        /github\.event_name != 'pull_request' && secrets\.BUILD_MACHINES_CACHE_WRITE_TOKEN \|\| secrets\.BUILD_MACHINES_CACHE_READ_TOKEN /,
      );
      const script = choose?.run ?? '';
      const folder = mkdtempSync(join(tmpdir(), 'ci-'));
      try {
        const GITHUB_ENV = join(folder, 'env');
        writeFileSync(GITHUB_ENV, '');
        runShell(script, { GITHUB_ENV, CACHE_URL: 'http://hub', CACHE_TOKEN: '' });
        expect(readFileSync(GITHUB_ENV, 'utf8')).toBe('');
        runShell(script, { GITHUB_ENV, CACHE_URL: 'http://hub', CACHE_TOKEN: 't' });
        expect(readFileSync(GITHUB_ENV, 'utf8')).toBe(
          'NX_SELF_HOSTED_REMOTE_CACHE_SERVER=http://hub\nNX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN=t\n',
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('takes the branch from nx.json', async () => {
      updateNxJson(tree, { defaultBase: 'origin/trunk' });
      await ciGenerator(tree, { ci: 'github', skipFormat: true });
      expect(parse(tree.read(file, 'utf8') ?? '')).toMatchObject({ on: { push: { branches: ['trunk'] } } });
    });

    it('changes nothing when it runs again, and overwrites nothing that was edited', async () => {
      await ciGenerator(tree, { ci: 'github', skipFormat: true });
      const first = tree.read(file, 'utf8');
      await ciGenerator(tree, { ci: 'github', skipFormat: true });
      expect(tree.read(file, 'utf8')).toBe(first);
      tree.write(file, `${first ?? ''}# edited\n`);
      await expect(ciGenerator(tree, { ci: 'github', skipFormat: true })).rejects.toThrow(/exists and differs/);
    });
  });

  describe('for GitLab', () => {
    it('writes a file of its own and includes it', async () => {
      tree.write('.gitlab-ci.yml', '# ours\nstages: [test]\n');
      await ciGenerator(tree, { ci: 'gitlab', runner: 'office', skipFormat: true });
      expect(tree.read('.gitlab-ci.yml', 'utf8')).toBe(
        '# ours\nstages: [ test ]\ninclude:\n  - local: .gitlab/build-machines.yml\n',
      );
      const pipeline = parse(tree.read('.gitlab/build-machines.yml', 'utf8') ?? '') as Record<string, unknown>;
      expect(pipeline['build-machines:affected']).toMatchObject({
        tags: ['office'],
        script: [
          'npx nx sync:check',
          'npx nx run sandbox:up',
          'npx nx affected -t remote-build remote-test --outputStyle=static',
        ],
      });
    });

    it('lets the main branch alone use the token that writes', async () => {
      await ciGenerator(tree, { ci: 'gitlab', skipFormat: true });
      const pipeline = parse(tree.read('.gitlab/build-machines.yml', 'utf8') ?? '') as Record<
        string,
        { before_script: string[] }
      >;
      const choose = pipeline['build-machines:affected']?.before_script.find((step) => step.includes('token='));
      const env = {
        BUILD_MACHINES_CACHE_URL: 'http://hub',
        BUILD_MACHINES_CACHE_READ_TOKEN: 'reads',
        BUILD_MACHINES_CACHE_WRITE_TOKEN: 'writes',
      };
      const show = `${choose ?? ''}\nprintf %s "$NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN"`;
      expect(runShell(show, { ...env, CI_COMMIT_BRANCH: 'main' })).toBe('writes');
      expect(runShell(show, env)).toBe('reads');
      expect(runShell(show, { BUILD_MACHINES_CACHE_URL: 'http://hub' })).toBe('');
    });
  });

  it('names the machines that there are when asked for another', async () => {
    await expect(ciGenerator(tree, { ci: 'github', machine: 'sandbax', skipFormat: true })).rejects.toThrow(
      /there is no machine "sandbax"[\s\S]*Did you mean "sandbox"/,
    );
  });
});

describe('.gitlab-ci.yml includes a file', () => {
  const file = '.gitlab/build-machines.yml';

  it.each([
    ['', [{ local: file }]],
    ['include: a.yml\n', ['a.yml', { local: file }]],
    ['include: { local: a.yml }\n', [{ local: 'a.yml' }, { local: file }]],
    ['include:\n  - a.yml # first\n  - template: X.yml\n', ['a.yml', { template: 'X.yml' }, { local: file }]],
  ])('beside what %j includes', (text, include) => {
    expect(parse(withInclude(text, file))).toEqual({ include });
  });

  it.each([`include: ${file}\n`, `include: /${file}\n`, `include:\n  - local: '/${file}'\n`])('once: %j', (text) => {
    expect(withInclude(text, file)).toBe(text);
  });

  it('unless it is no mapping', () => {
    expect(() => withInclude('- a\n', file)).toThrow(/cannot be extended/);
    expect(() => withInclude('a: [\n', file)).toThrow(/cannot be extended/);
  });
});
