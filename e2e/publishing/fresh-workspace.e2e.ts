import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { succeeded } from '../support/nx-output.js';
import { builtFile, repository } from '../support/repository.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { makeWorkstation, removeWorkstation, type Workstation } from '../support/workstation.js';
import { startLocalRegistry, type LocalRegistry } from './local-registry.js';

const nxVersion = (
  JSON.parse(readFileSync(join(repository, 'node_modules/nx/package.json'), 'utf8')) as { version: string }
).version;
const { version } = JSON.parse(readFileSync(join(repository, 'libs/build-machines/package.json'), 'utf8')) as {
  version: string;
};

/** Installing an Nx workspace takes minutes on a slow network. */
const INSTALL_LIMIT = 600_000;

/** create-nx-workspace commits what it made. */
const committer = {
  GIT_AUTHOR_NAME: 'A Newcomer',
  GIT_AUTHOR_EMAIL: 'newcomer@example.com',
  GIT_COMMITTER_NAME: 'A Newcomer',
  GIT_COMMITTER_EMAIL: 'newcomer@example.com',
};

describe('a newcomer with a fresh workspace', () => {
  let workstation: Workstation;
  let registry: LocalRegistry | undefined;
  let root: string;

  const run = (file: string, args: readonly string[], cwd = root, env: Record<string, string> = {}): Promise<Ended> =>
    runProgram(file, args, {
      cwd,
      env: { ...workstation.env, ...registry?.env, ...committer, CI: 'true', ...env },
      limit: INSTALL_LIMIT,
    });

  const nx = (...args: string[]): Promise<Ended> => run('npx', ['nx', ...args]);
  const read = (file: string): string => readFileSync(join(root, file), 'utf8');

  beforeAll(async () => {
    builtFile('plugin.cjs');
    workstation = await makeWorkstation();
    registry = await startLocalRegistry(join(workstation.root, 'r'));
    root = join(workstation.root, 'w');
    succeeded(
      await run('npm', ['publish', '--ignore-scripts', '--tag', 'latest'], join(repository, 'libs/build-machines')),
    );
    succeeded(
      await run(
        'npx',
        [
          '--yes',
          `create-nx-workspace@${nxVersion}`,
          'w',
          '--preset=apps',
          '--nxCloud=skip',
          '--no-interactive',
          '--packageManager=npm',
        ],
        workstation.root,
      ),
    );
  }, 2 * INSTALL_LIMIT);

  afterAll(async () => {
    if (registry === undefined) return;
    try {
      await run('npx', ['nx', 'run', 'sandbox:down']);
      await run('npx', ['build-machines', 'bridge', 'stop']);
      await run('npx', ['nx', 'daemon', '--stop']);
    } finally {
      await registry.close();
      await removeWorkstation(workstation);
    }
  }, INSTALL_LIMIT);

  it(
    'adds the package, and the workspace is set up',
    async () => {
      succeeded(await nx('add', `build-machines@${version}`));
      expect(JSON.parse(read('nx.json'))).toMatchObject({
        plugins: expect.arrayContaining(['build-machines']) as unknown,
        sync: { globalGenerators: ['build-machines:sync'] },
      });
      expect(JSON.parse(read('package.json'))).toMatchObject({
        // npm writes the range that its user prefers.
        devDependencies: { 'build-machines': expect.stringMatching(new RegExp(`^[~^]?${version}$`)) as string },
      });
      expect(read('machines/sandbox/machine.yml')).toContain('provider: sandbox');
      expect(read('port-registry.yml')).toMatch(/\n {2}sandbox: 12221\n/);
    },
    INSTALL_LIMIT,
  );

  it('creates a package without writing any configuration', async () => {
    succeeded(await nx('g', 'build-machines:haskell-project', 'libs/hello', '--no-interactive'));
    expect(read('cabal.project')).toMatch(/\n {2}libs\/hello\n/);
  });

  it.each(['true', 'false'])('sees package and machine as projects, with NX_DAEMON=%s', async (daemon) => {
    const shown = succeeded(await run('npx', ['nx', 'show', 'projects', '--json'], root, { NX_DAEMON: daemon }));
    const projects: unknown = JSON.parse(shown.stdout);
    expect(projects).toEqual(expect.arrayContaining(['hello', 'sandbox']));
    const target = succeeded(
      await run('npx', ['nx', 'show', 'project', 'hello', '--json'], root, { NX_DAEMON: daemon }),
    );
    expect(JSON.parse(target.stdout)).toMatchObject({
      targets: { 'remote-build': { cache: true }, 'remote-test': { cache: true } },
    });
  });

  it('sees in a dry run the very port that a machine would get, and nothing is written', async () => {
    const before = read('port-registry.yml');
    const dry = succeeded(
      await nx('g', 'build-machines:vm', 'big', '--provider=qemu', '--dry-run', '--no-interactive'),
    );
    expect(dry.output).toContain('CREATE machines/big/machine.yml');
    expect(dry.output).toContain('CREATE machines/big/packer.auto.pkrvars.hcl');
    expect(dry.output).toContain('UPDATE port-registry.yml');
    expect(read('port-registry.yml')).toBe(before);
    const real = succeeded(await nx('g', 'build-machines:vm', 'big', '--provider=qemu', '--no-interactive'));
    expect(changes(dry)).toEqual(changes(real));
    succeeded(await nx('g', 'build-machines:remove-vm', 'big'));
    expect(read('port-registry.yml')).toBe(before);
  });

  it('gets a mistake explained, without a stack trace', async () => {
    const refused = await nx('g', 'build-machines:vm', 'sandbox', '--provider=sandbox', '--no-interactive');
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain('there is a machine "sandbox" already');
    expect(refused.output).toContain('nx g build-machines:remove-vm sandbox');
    expect(refused.output).not.toMatch(/^\s+at .*\.cjs:/m);
  });

  it('finds everything in step, and is told when it is not', async () => {
    succeeded(await nx('sync:check'));
    const registered = read('port-registry.yml');
    writeFileSync(join(root, 'port-registry.yml'), registered.replace(/\n {2}sandbox: \d+/, ''));
    const check = await nx('sync:check');
    expect(check.exitCode).not.toBe(0);
    expect(check.output).toContain('do not match the machine definitions');
    succeeded(await nx('sync'));
    expect(read('port-registry.yml')).toBe(registered);
  });

  it('has the command line', async () => {
    expect(succeeded(await run('npx', ['build-machines', '--version'])).stdout.trim()).toBe(version);
    const report = await run('npx', ['build-machines', 'doctor', '--json']);
    expect(JSON.parse(report.stdout)).toMatchObject({ checks: expect.any(Array) as unknown });
  });

  it('tests what is affected on a machine, with nothing else to configure', async () => {
    writeRegistry(root, workstation);
    succeeded(await nx('run', 'sandbox:up'));
    const tested = succeeded(await nx('affected', '-t', 'remote-test', '--base=HEAD'));
    expect(tested.output).toMatch(/Test suite hello-test: PASS/);
  });

  it('has a CI job written that does all that its runner would do', async () => {
    succeeded(await nx('g', 'build-machines:ci', '--ci=gitlab', '--no-interactive'));
    succeeded(await run('git', ['add', '--all']));
    succeeded(await run('git', ['commit', '--quiet', '--message=A package and its CI']));
    const [job] = Object.values(parse(read('.gitlab/build-machines.yml')) as Record<string, GitLabJob>);
    const { before_script: before = [], script = [], after_script: after = [] } = job ?? {};
    // What installs programs and packages was done already.
    const lines = [...before, ...script, ...after].filter((line) => !/^(apt-get|npm ci)/.test(line));
    expect(lines.length).toBeLessThanOrEqual(before.length + script.length + after.length - 2);
    const sha = succeeded(await run('git', ['rev-parse', 'HEAD'])).stdout.trim();
    const env = { CI_COMMIT_SHA: sha, CI_COMMIT_BRANCH: 'main', CI_COMMIT_BEFORE_SHA: '0'.repeat(40) };
    const ended = succeeded(await run('bash', ['-e', '-o', 'pipefail', '-c', lines.join('\n')], root, env));
    expect(ended.output).toMatch(/Test suite hello-test: PASS/);
    expect(ended.output).toContain('Successfully ran targets remote-build, remote-test');
  });

  it(
    'is moved to a later version by what that lists in its migrations.json',
    async () => {
      const later = join(workstation.root, 'later');
      publishable(later, '0.99.0');
      succeeded(await run('npm', ['publish', '--ignore-scripts', '--tag', 'next'], later));
      const local = { NX_MIGRATE_USE_LOCAL: 'true' };
      succeeded(await run('npx', ['nx', 'migrate', 'build-machines@0.99.0', '--interactive=false'], root, local));
      expect(read('package.json')).toContain('"build-machines": "0.99.0"');
      expect(JSON.parse(read('migrations.json'))).toMatchObject({
        migrations: [{ package: 'build-machines', name: 'write-a-mark', version: '0.99.0' }],
      });
      succeeded(await run('npm', ['install']));
      succeeded(await run('npx', ['nx', 'migrate', '--run-migrations'], root, local));
      expect(read('mark.txt')).toBe('migrated\n');
    },
    INSTALL_LIMIT,
  );

  it(
    'can use pnpm instead',
    async () => {
      const other = join(workstation.root, 'p');
      const pnpm = (...args: string[]): Promise<Ended> => run('npx', ['--yes', 'pnpm@10', ...args], other);
      succeeded(await run('mkdir', [other], workstation.root));
      writeFileSync(join(other, 'package.json'), JSON.stringify({ name: 'p', version: '0.0.0', private: true }));
      writeFileSync(join(other, 'nx.json'), JSON.stringify({ analytics: false, neverConnectToCloud: true }));
      writeFileSync(join(other, '.gitignore'), 'node_modules\n.nx\n');
      succeeded(
        await pnpm('add', '--save-dev', `nx@${nxVersion}`, `@nx/devkit@${nxVersion}`, `build-machines@${version}`),
      );
      succeeded(await pnpm('exec', 'nx', 'g', 'build-machines:init', '--no-interactive'));
      succeeded(await pnpm('exec', 'nx', 'g', 'build-machines:haskell-project', 'hello', '--no-interactive'));
      const shown = succeeded(await pnpm('exec', 'nx', 'show', 'projects', '--json'));
      expect(JSON.parse(shown.stdout)).toEqual(expect.arrayContaining(['hello', 'sandbox']));
      writeRegistry(other, workstation);
      const tested = succeeded(await pnpm('exec', 'nx', 'run', 'hello:remote-test'));
      expect(tested.output).toMatch(/Test suite hello-test: PASS/);
    },
    INSTALL_LIMIT,
  );
});

/** Ports that nobody else on this computer uses. */
function writeRegistry(folder: string, { ports: { relay, hub, first, last } }: Workstation): void {
  writeFileSync(
    join(folder, 'port-registry.yml'),
    `range: { first: ${first}, last: ${last} }\nservices: { relay: ${relay}, hub: ${hub} }\nmachines:\n  sandbox: ${first}\n`,
  );
}

/** The files that a generator says it changes. */
function changes({ output }: Ended): string[] {
  return [...output.matchAll(/^(?:CREATE|UPDATE|DELETE) .+$/gm)].map(([line]) => line);
}

/** The parts of a GitLab job that are commands. */
interface GitLabJob {
  readonly before_script: string[];
  readonly script: string[];
  readonly after_script: string[];
}

/** The package with another version, and with a migration to it that writes a file. */
function publishable(folder: string, version: string): void {
  cpSync(join(repository, 'libs/build-machines'), folder, {
    recursive: true,
    filter: (path) => !/\/(src|node_modules)$/.test(path),
  });
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version }));
  const implementation = './dist/migrations/write-a-mark.cjs';
  mkdirSync(join(folder, 'dist/migrations'));
  writeFileSync(join(folder, implementation), "exports.default = (tree) => tree.write('mark.txt', 'migrated\\n');\n");
  const migration = { version, description: 'Writes a file that shows that it ran.', implementation };
  writeFileSync(
    join(folder, 'migrations.json'),
    JSON.stringify({ generators: { 'write-a-mark': migration }, packageJsonUpdates: {} }),
  );
}
