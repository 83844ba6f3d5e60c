import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { stopBridge } from '../support/machine.js';
import { succeeded } from '../support/nx-output.js';
import { processesOf } from '../support/processes.js';
import { repository } from '../support/repository.js';
import { type Running, startProgram } from '../support/run-program.js';
import { buildMachines, makeWorkspace, type Workspace } from '../support/workspace.js';
import { makeWorkstation, removeWorkstation } from '../support/workstation.js';

const UNIT = 'build-machines-hub.service';

/** The hub as a service: by a real systemd of the user. */
describe('a hub that starts with the computer', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = makeWorkspace(await makeWorkstation(), []);
  });
  afterAll(async () => {
    await stopBridge(workspace);
    await removeWorkstation(workspace.workstation);
  });

  /** Runs a program while the user has a systemd, which starts and ends with the program. */
  const withSystemd = (...command: string[]): Running =>
    startProgram(join(repository, 'tools/rigs/with-user-systemd.sh'), command, {
      cwd: workspace.root,
      env: workspace.workstation.env,
      stdin: null,
    });
  const hubs = () =>
    processesOf(workspace.workstation.root).filter(({ command }) => /^\S*node \S*hub\.cjs serve/.test(command));
  const pidOfAnswer = async () => {
    const { exitCode, stdout } = await buildMachines(workspace, ['hub', 'status', '--json']);
    return exitCode === 0 && (JSON.parse(stdout) as { health: { pid: number } }).health.pid;
  };

  it('is written as a unit that systemd finds nothing wrong with', async () => {
    succeeded(await buildMachines(workspace, ['hub', 'install-service']));
    const file = join(workspace.workstation.home, '.config/systemd/user', UNIT);
    const { output } = succeeded(await withSystemd('systemd-analyze', '--user', 'verify', file).ended);
    expect(output.trim()).toBe('');
    succeeded(await withSystemd('systemctl', '--user', 'enable', UNIT).ended);
  });

  it('answers, comes back when it is killed, is used by the bridge, and shuts down with the computer', async () => {
    const computer = withSystemd('head', '-n1');
    const first = await eventually('the hub answers', pidOfAnswer);
    expect(hubs().map(({ pid }) => pid)).toEqual([first]);
    process.kill(first, 'SIGKILL');
    const second = await eventually('another one answers', async () => {
      const pid = await pidOfAnswer();
      return pid !== first && pid;
    });
    succeeded(await buildMachines(workspace, ['bridge', 'start']));
    expect(await pidOfAnswer()).toBe(second);
    await stopBridge(workspace);
    expect(await pidOfAnswer()).toBe(second);
    computer.type('power off\n');
    succeeded(await computer.ended);
    expect(hubs()).toEqual([]);
  });
});
