import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './support/eventually.js';
import { journey } from './support/journey.js';
import { isCacheHit } from './support/nx-output.js';
import { processesOf } from './support/processes.js';
import { gatedProject, smallProject } from './support/small-project.js';
import { nx, startNx, writeTree, type Workspace } from './support/workspace.js';

const gateOf = (workspace: Workspace): string => join(workspace.workstation.root, 'gate');

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
  it.each(['SIGINT', 'SIGTERM'] as const)('ends the processes on the machine on %s', async (signal) => {
    rmSync(gateOf(workspace()), { force: true });
    const building = startNx(workspace(), ['run', 'gated:remote-build']);
    await eventually('the build is under way', () => building.output().includes('waiting at the gate'));
    expect(compilers(workspace())).not.toEqual([]);
    building.signalGroup(signal);
    const ended = await building.ended;
    expect(ended.exitCode).not.toBe(0);
    expect(ended.output).not.toMatch(/^\s+at .*\.c?js:\d+/m);
    await eventually('no compiler runs', () => compilers(workspace()).length === 0, 20_000);
  });

  it('leaves the machine ready, and nothing of the cancelled build in the cache', async () => {
    const built = await nx(workspace(), ['run', 'small:remote-build']);
    expect(built.exitCode).toBe(0);
    rmSync(gateOf(workspace()), { force: true });
    const building = startNx(workspace(), ['run', 'gated:remote-build']);
    await eventually('it is built anew', () => building.output().includes('waiting at the gate'));
    building.signalGroup('SIGINT');
    expect(isCacheHit(await building.ended, 'gated:remote-build')).toBe(false);
  });
});
