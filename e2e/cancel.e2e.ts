import { eventually } from './support/eventually.js';
import { closeGate, gateOf, reachesGate } from './support/gate.js';
import { journey } from './support/journey.js';
import { isCacheHit } from './support/nx-output.js';
import { processesOf } from './support/processes.js';
import { gatedProject, smallProject } from './support/small-project.js';
import { nx, startNx, writeTree, type Workspace } from './support/workspace.js';

/** The compilers and cabals of the machine that run now. */
function compilers(workspace: Workspace): string[] {
  return processesOf(workspace.workstation.root)
    .filter(({ command }) => /(^|\/)(ghc|cabal)( |$)|\/ghc\/bin\/ghc/.test(command))
    .map(({ command }) => command);
}

describe('cancelling', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, { ...gatedProject('gated', gateOf(made)), ...smallProject('small', 'word') });
    },
  });

  // Ctrl-C, and what a service manager sends.
  it.each([
    ['SIGINT', 'true'],
    ['SIGTERM', 'true'],
    ['SIGINT', 'false'],
  ] as const)('ends the processes on the machine on %s, and Nx with 130 (in a batch: %s)', async (signal, batch) => {
    closeGate(workspace());
    const building = startNx(workspace(), ['run', 'gated:remote-build'], { env: { NX_BATCH_MODE: batch } });
    await reachesGate(workspace(), building);
    expect(compilers(workspace())).not.toEqual([]);
    building.signalGroup(signal);
    const ended = await building.ended;
    expect(ended.exitCode).toBe(130);
    expect(ended.output).not.toMatch(/^\s+at .*\.c?js:\d+/m);
    await eventually('no compiler runs', () => compilers(workspace()).length === 0, 20_000);
  });

  it('leaves the machine ready, and nothing of the cancelled build in the cache', async () => {
    const built = await nx(workspace(), ['run', 'small:remote-build']);
    expect(built.exitCode).toBe(0);
    closeGate(workspace());
    const building = startNx(workspace(), ['run', 'gated:remote-build']);
    await reachesGate(workspace(), building);
    building.signalGroup('SIGINT');
    expect(isCacheHit(await building.ended, 'gated:remote-build')).toBe(false);
  });
});
