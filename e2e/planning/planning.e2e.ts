import { journey } from '../support/journey.js';
import { runLog } from '../support/machine.js';
import { compiledModules, failed, failedTasks, outputOf, succeeded } from '../support/nx-output.js';
import type { Ended } from '../support/run-program.js';
import { nx, writeTree } from '../support/workspace.js';
import { packageNeeding } from './unplanned-packages.js';

/** A library that no package database and no index has. */
const MISSING = 'nonexistent-lib';

describe('a package that cannot be planned', () => {
  const workspace = journey({
    prepare: (workspace) => {
      writeTree(workspace, {
        'cabal.project': 'packages: fine poor slow ping pong\n',
        ...packageNeeding('fine'),
        ...packageNeeding('poor', { test: MISSING }),
        ...packageNeeding('slow', { benchmark: MISSING }),
        ...packageNeeding('ping', { test: 'pong' }),
        ...packageNeeding('pong', { test: 'ping' }),
      });
    },
  });
  const run = (task: string, ...args: string[]): Promise<Ended> => nx(workspace(), ['run', task, ...args]);
  const runMany = (target: string, projects: string, ...args: string[]): Promise<Ended> =>
    nx(workspace(), ['run-many', '-t', target, '-p', projects, '--outputStyle=static', ...args]);
  /** GHCi prints letter by letter, and Nx breaks lines between them. */
  const letters = ({ output }: Ended): string => output.replaceAll(/\s/g, '');

  it('hinders no test, benchmark or session of another', async () => {
    succeeded(await run('fine:remote-test'));
    expect(runLog(workspace(), 'fine', 'remote-test')).toContain('Test suite fine-test: PASS');
    succeeded(await run('fine:remote-bench'));
    const session = await nx(workspace(), ['run', 'fine:remote-ghci'], { stdin: 'Word.FINE.word\n' });
    expect(letters(succeeded(session))).toContain('wordoffine');
    const suite = await nx(workspace(), ['run', 'fine:remote-ghci', '--component=fine-test'], { stdin: 'main\n' });
    expect(letters(succeeded(suite))).toContain('wordoffine');
  });

  it("fails by itself, with cabal's words", async () => {
    expect(failed(await run('poor:remote-test')).output).toContain(`unknown package: ${MISSING}`);
    succeeded(await run('poor:remote-build'));
    expect(failed(await run('slow:remote-bench')).output).toContain(`unknown package: ${MISSING}`);
    succeeded(await run('slow:remote-test'));
  });

  it('fails alone in a batch; packages whose tests need each other pass one by one', async () => {
    const ended = failed(await runMany('remote-test', 'fine,poor,slow,ping,pong', '--skip-nx-cache'));
    expect(ended.exitCode).toBe(1);
    expect(failedTasks(ended)).toEqual(['poor:remote-test']);
    expect(outputOf(ended, 'poor:remote-test')).toContain(`unknown package: ${MISSING} (dependency of poor *test)`);
    for (const name of ['fine', 'slow', 'ping', 'pong']) {
      const own = outputOf(ended, `${name}:remote-test`);
      expect(own).toContain(`Test suite ${name}-test: PASS`);
      expect(own).not.toContain(MISSING);
    }
  });

  it('fails alone among benchmarks', async () => {
    const ended = failed(await runMany('remote-bench', 'fine,slow,ping'));
    expect(failedTasks(ended)).toEqual(['slow:remote-bench']);
    expect(outputOf(ended, 'fine:remote-bench')).toContain('word of fine');
  });

  it('is not planned for builds and documentation', async () => {
    succeeded(await runMany('remote-build', 'fine,poor,slow,ping,pong'));
    succeeded(await runMany('remote-haddock', 'fine,poor,slow,ping,pong'));
  });

  it('compiles nothing anew between builds and tests of the same package', async () => {
    for (const target of ['remote-build', 'remote-test', 'remote-build', 'remote-test']) {
      const { output } = succeeded(await run(`fine:${target}`, '--skip-nx-cache'));
      expect(compiledModules(output)).toEqual([]);
    }
  });

  it('whose library cannot be planned is named to the others: cabal plans all packages together', async () => {
    writeTree(workspace(), packageNeeding('poor', { library: MISSING }));
    const { output } = failed(await run('fine:remote-build'));
    expect(output).toContain(`unknown package: ${MISSING} (dependency of poor)`);
    expect(output).toMatch(/cabal plans all packages of a project together, and has no plan for poor/);
  });
});
