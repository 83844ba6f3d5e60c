import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { eventually } from '../support/eventually.js';
import { stopBridge } from '../support/machine.js';
import { succeeded } from '../support/nx-output.js';
import { processesOf } from '../support/processes.js';
import { repository } from '../support/repository.js';
import { type Running, startProgram } from '../support/run-program.js';
import { makeWorkspace, nx, nxScript, type Workspace } from '../support/workspace.js';
import { makeWorkstation, removeWorkstation } from '../support/workstation.js';
import { smallAppliance } from './support/small-appliance.js';

/**
 * A QEMU machine that starts with the computer: by a real systemd of the user, and real QEMU. Its disk is empty; that it
 * runs is what counts.
 */
describe('a QEMU machine that shall start with its computer', () => {
  let workspace: Workspace;

  /** Runs a program on the workstation while that has a systemd, which starts and ends with the program. */
  const withSystemd = (...command: string[]): Running =>
    startProgram(join(repository, 'tools/rigs/with-user-systemd.sh'), command, {
      cwd: workspace.root,
      env: workspace.workstation.env,
      stdin: null,
    });
  const runNx = async (...args: string[]) =>
    succeeded(await withSystemd(process.execPath, nxScript(workspace), 'run', ...args).ended);
  const processes = (pattern: RegExp) =>
    processesOf(workspace.workstation.root).filter(({ command }) => pattern.test(command));
  const qemu = () => processes(/qemu-system.*-name box/);
  /** The machine has no system that could hear that it shall shut down, so it is ended once its unit says so. */
  const shutDownWhenTold = async (): Promise<void> => {
    await eventually('the machine is told', () => processes(/cli\.cjs qemu stop box/).length === 1);
    for (const { pid } of qemu()) process.kill(pid);
  };
  const unit = () => join(workspace.workstation.home, '.config/systemd/user/build-machine-box.service');

  beforeAll(async () => {
    workspace = makeWorkspace(await makeWorkstation(), []);
    await smallAppliance(workspace.root, 'small');
    const options = ['--provider=qemu', '--cpus=1', '--memory=512', '--disk=4', '--ghc=9.0.2', '--image=small.ova'];
    succeeded(await nx(workspace, ['generate', 'build-machines:vm', 'box', ...options, '--no-interactive']));
  });
  afterAll(async () => {
    await nx(workspace, ['run', 'box:destroy', '--yes']);
    await stopBridge(workspace);
    await removeWorkstation(workspace.workstation);
  });

  it('is told so where the user has no systemd, with what to do instead', async () => {
    const ended = await nx(workspace, ['run', 'box:vm-import', '--autostart', '--start=false']);
    expect(ended.exitCode).toBe(1);
    expect(ended.output).toContain('[autostart-unavailable]');
    expect(ended.output).toContain('nx run box:up');
  });

  it('gets a unit of the user, and does not start before the computer does', async () => {
    await runNx('box:vm-import', '--autostart', '--start=false');
    expect(existsSync(unit())).toBe(true);
    expect(qemu()).toEqual([]);
  });

  it('runs once the computer has started, and is told to shut down before the computer does', async () => {
    const computer = withSystemd('head', '-n1');
    await eventually('the machine runs', () => qemu().length === 1);
    await eventually('its unit has started it', () => processes(/cli\.cjs qemu start box/).length === 0);
    computer.type('power off\n');
    await shutDownWhenTold();
    await computer.ended;
    expect(processes(/./)).toEqual([]);
  });

  it('starts no more once it is destroyed', async () => {
    const destroying = withSystemd(process.execPath, nxScript(workspace), 'run', 'box:destroy', '--yes');
    await shutDownWhenTold();
    succeeded(await destroying.ended);
    expect(existsSync(unit())).toBe(false);
    const computer = withSystemd('head', '-n1');
    await eventually('the computer has started', () => processes(/^head/).length === 1);
    expect(qemu()).toEqual([]);
    computer.type('power off\n');
    await computer.ended;
  });
});
