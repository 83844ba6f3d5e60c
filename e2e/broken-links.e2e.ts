import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './support/eventually.js';
import { closeGate, gateOf, reachesGate } from './support/gate.js';
import { journey } from './support/journey.js';
import { processesOfPart, processOfPart, runLog, type Part } from './support/machine.js';
import { succeeded } from './support/nx-output.js';
import { isAlive } from './support/processes.js';
import { gatedProject, smallProject, wordModule } from './support/small-project.js';
import { nx, startNx, writeTree, type Workspace } from './support/workspace.js';

const build = ['run', 'gated:remote-build'];

/** A new source text, so that neither cache knows the answer. */
function changeGated(workspace: Workspace, what: string): void {
  const file = 'gated/app/Main.hs';
  const text = gatedProject('gated', gateOf(workspace))[file]!;
  writeTree(workspace, { [file]: `${text}\n-- ${what}\n` });
  closeGate(workspace);
  rmSync(`${gateOf(workspace)}.runs`, { force: true });
}

/** The log of the build, complete and without repetition, whatever happened to the connections. */
function expectWholeLog(log: string): void {
  const numbers = [...log.matchAll(/before the gate, line (\d+)$/gm)].map((match) => Number(match[1]));
  expect(numbers).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  expect(log.match(/waiting at the gate/g)).toHaveLength(1);
  expect(log.match(/through the gate/g)).toHaveLength(1);
}

/** How often the module was compiled. */
function timesCompiled(workspace: Workspace): number {
  return readFileSync(`${gateOf(workspace)}.runs`, 'utf8').split('\n').length - 1;
}

describe('broken links', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, { ...gatedProject('gated', gateOf(made)), ...smallProject('small', 'first') });
    },
  });

  it('keeps a build going when the tunnel dies, and ends it with the full log when the tunnel is back', async () => {
    changeGated(workspace(), 'tunnel');
    const building = startNx(workspace(), build);
    await reachesGate(workspace(), building);
    const tunnel = await processOfPart(workspace().workstation, 'tunnel');
    process.kill(tunnel.pid, 'SIGKILL');
    await eventually('the loss is noticed', () => /connection lost/i.test(building.output()));
    await eventually('a new tunnel is there', () =>
      processesOfPart(workspace().workstation, 'tunnel').some(({ pid }) => pid !== tunnel.pid),
    );
    writeFileSync(gateOf(workspace()), '');
    const built = succeeded(await building.ended);
    expectWholeLog(built.output);
    expectWholeLog(runLog(workspace(), 'gated', 'remote-build'));
    expect(timesCompiled(workspace())).toBe(1);
  });

  it('re-attaches the same target after its command was killed without a word', async () => {
    changeGated(workspace(), 'killed');
    const building = startNx(workspace(), build);
    await reachesGate(workspace(), building);
    building.signalGroup('SIGKILL');
    await building.ended;
    const again = startNx(workspace(), build);
    await eventually('the run is attached to', () => again.output().includes('Attached to the same run'));
    writeFileSync(gateOf(workspace()), '');
    expectWholeLog(succeeded(await again.ended).output);
    expect(timesCompiled(workspace())).toBe(1);
  });

  it('re-attaches the same target after both its command and the tunnel were lost', async () => {
    changeGated(workspace(), 'both');
    const building = startNx(workspace(), build);
    await reachesGate(workspace(), building);
    building.signalGroup('SIGKILL');
    await building.ended;
    const tunnel = await processOfPart(workspace().workstation, 'tunnel');
    process.kill(tunnel.pid, 'SIGKILL');
    await eventually('the old tunnel is gone', () => !isAlive(tunnel.pid));
    writeFileSync(gateOf(workspace()), '');
    const built = await eventually('the target ends well again', async () => {
      const again = await nx(workspace(), build);
      return again.exitCode === 0 && again;
    });
    expectWholeLog(built.output);
    expect(timesCompiled(workspace())).toBe(1);
  });

  const parts: Part[] = ['tunnel', 'autossh', 'machine sshd', 'agent', 'relay', 'bridge', 'supervisor'];
  it.each(parts)('comes back by itself after kill -9 of the %s', async (part) => {
    const { workstation } = workspace();
    const victims = processesOfPart(workstation, part);
    expect(victims).not.toEqual([]);
    for (const { pid } of victims) process.kill(pid, 'SIGKILL');
    writeTree(workspace(), { 'small/src/Word.hs': wordModule(`after the ${part}`) });
    await eventually(
      `a build succeeds after the ${part} was killed`,
      async () => (await nx(workspace(), ['run', 'small:remote-build'])).exitCode === 0,
    );
    const replaced = await eventually(`a new ${part} runs`, () =>
      processesOfPart(workstation, part).find(({ pid }) => victims.every((victim) => victim.pid !== pid)),
    );
    expect(isAlive(replaced.pid)).toBe(true);
    expect(existsSync(join(workspace().root, 'dist/remote/.runs/small/remote-build/log.txt'))).toBe(true);
  });
});
