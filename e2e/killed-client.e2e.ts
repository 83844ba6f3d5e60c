import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { QueueView, Run } from '@build-machines/state-hub';
import { eventually } from './support/eventually.js';
import { closeGate, gateOf, reachesGate } from './support/gate.js';
import { journey } from './support/journey.js';
import { succeeded } from './support/nx-output.js';
import { isAlive, processesOf } from './support/processes.js';
import type { Running } from './support/run-program.js';
import { gatedProject, smallProject } from './support/small-project.js';
import { buildMachines, makeWorkspace, nx, startNx, writeTree } from './support/workspace.js';

const BUILD = ['run', 'gated:remote-build'];

// The machine has one slot, and the gate is closed: whatever has to wait for the killed command's run waits for ever.
describe('a command that was killed', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, gatedProject('gated', gateOf(made)));
    },
  });
  beforeEach(() => {
    closeGate(workspace());
    rmSync(`${gateOf(workspace())}.runs`, { force: true });
    change(); // Each test has a run of its own.
  });
  afterEach(async () => {
    writeFileSync(gateOf(workspace()), '');
    await eventually('nothing holds the machine', async () => (await queue()).leases.length === 0, 30_000);
  });

  it.each([
    ['alone', (building: Running) => [building.pid]],
    ['with all of its processes', (building: Running) => [building.pid, ...workersOf(building)]],
  ])('%s is known as dead at once, and the next one attaches to its run', async (_how, victims) => {
    const killed = await startedAtGate();
    const workers = workersOf(killed);
    expect(workers).not.toEqual([]);
    for (const pid of victims(killed)) process.kill(pid, 'SIGKILL');
    await eventually('no process of it is left', () => !workers.some(isAlive), 10_000);
    const next = startNx(workspace(), BUILD);
    await eventually('the next one attaches', () => next.output().includes('Attached to the same run'), 25_000);
    writeFileSync(gateOf(workspace()), '');
    expect(succeeded(await next.ended).output).not.toContain('Waiting for a machine');
    expect(compilations()).toBe(1);
  });

  it('leaves a run that gives way to the next one of changed sources', async () => {
    const killed = await startedAtGate();
    killed.signalGroup('SIGKILL');
    await killed.ended;
    change();
    rmSync(`${gateOf(workspace())}.waiting`, { force: true });
    const next = startNx(workspace(), BUILD);
    await eventually('the changed sources are compiled', () => compilations() === 2, 25_000);
    writeFileSync(gateOf(workspace()), '');
    succeeded(await next.ended);
  });

  it('leaves a run that goes on for itself when another workspace builds, which waits for it', async () => {
    const other = makeWorkspace(workspace().workstation, ['sandbox'], 'other');
    writeTree(other, smallProject('small', 'other'));
    const killed = await startedAtGate();
    killed.signalGroup('SIGKILL');
    await killed.ended;
    const next = startNx(other, ['run', 'small:remote-build']);
    await eventually(
      'it says what it waits for',
      () => /waiting for a slot: 1 of 1 in use/.test(next.output()),
      25_000,
    );
    writeFileSync(gateOf(workspace()), '');
    succeeded(await next.ended);
    expect(succeeded(await nx(workspace(), BUILD)).output).toContain('Answered from the record');
    expect(compilations()).toBe(1);
  });

  it('is no rule for two that live: they share a run, and one may be cancelled without the other', async () => {
    const first = await startedAtGate();
    const second = startNx(workspace(), BUILD);
    await eventually('the second attaches', () => second.output().includes('Attached to the same run'), 25_000);
    first.signalGroup('SIGINT');
    expect((await first.ended).exitCode).not.toBe(0);
    writeFileSync(gateOf(workspace()), '');
    expect(succeeded(await second.ended).output).not.toContain('Waiting for a machine');
    expect(compilations()).toBe(1);
    const runs = await ask<Run[]>('runs');
    expect(runs.slice(0, 2).map(({ outcome, finish }) => [outcome, finish?.cache])).toEqual([
      ['succeeded', 'attached'],
      ['cancelled', 'executed'],
    ]);
  });

  async function startedAtGate(): Promise<Running> {
    const building = startNx(workspace(), BUILD);
    await reachesGate(workspace(), building);
    return building;
  }

  let changes = 0;
  function change(): void {
    changes += 1;
    const { 'gated/app/Main.hs': main } = gatedProject('gated', gateOf(workspace()));
    writeTree(workspace(), { 'gated/app/Main.hs': `${main!}\n-- change ${changes}\n` });
  }

  function compilations(): number {
    return readFileSync(`${gateOf(workspace())}.runs`, 'utf8')
      .trim()
      .split('\n').length;
  }

  function workersOf({ pid: nxPid }: Running): number[] {
    return processesOf(workspace().workstation.root)
      .filter(({ parent, command }) => parent === nxPid && /tasks-runner|run-executor|run-batch/.test(command))
      .map(({ pid }) => pid);
  }

  const queue = () => ask<QueueView>('queue');

  async function ask<T>(command: string): Promise<T> {
    return JSON.parse(succeeded(await buildMachines(workspace(), [command, '--json'])).stdout) as T;
  }
});
