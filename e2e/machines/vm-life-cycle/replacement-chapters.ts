import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMachine, readMachineLock } from '@build-machines/machines';
import { eventually } from '../../support/eventually.js';
import { stopBridge } from '../../support/machine.js';
import { processesOf } from '../../support/processes.js';
import { wordModule } from '../../support/small-project.js';
import { writeTree } from '../../support/workspace.js';
import { otherAppliance } from '../support/other-appliance.js';
import { MINUTE, type VmStory } from './story.js';

/** Another image, and the end. */
export function replacementChapters(story: VmStory): void {
  const { chapter, sideStory, workspace, state, run, image, machines, consoleFacts, inMachine, comesBack } = story;
  /** A machine-id that outlived its VM would make two machines one. */
  const identity = async (): Promise<string[]> => [
    consoleFacts().hostKey ?? 'none',
    await inMachine('cat', '/etc/machine-id'),
  ];
  const locked = async () =>
    (await readMachineLock(await loadMachine(workspace().root, 'box'), state()))?.image?.sha256;
  let first: string[];

  sideStory(
    'is replaced by a machine of another image, and the next build works',
    async () => {
      first = await identity();
      const other = join(workspace().root, 'other.ova');
      await otherAppliance(image().ova, other);
      const definition = readFileSync(join(workspace().root, 'machines/box/machine.yml'), 'utf8');
      writeTree(workspace(), { 'machines/box/machine.yml': `${definition}image: other.ova\n` });
      await run('box:vm-import', '--replace');
      await run('box:up');
      await comesBack();
      for (const [index, part] of (await identity()).entries()) expect(part).not.toBe(first[index]);
      expect(await locked()).not.toBe(image().provenance.sha256);
      writeTree(workspace(), { 'hello/src/Word.hs': wordModule('second') });
      await run('hello:remote-build', '--machine=box');
      await run('hello:fetch-artifacts', '--machine=box');
      expect((await run('hello:remote-run', '--machine=box')).output).toContain('it said second');
    },
    20 * MINUTE,
  );

  sideStory(
    'goes back to the machine before, whose key is the pinned one again',
    async () => {
      await run('box:vm-import', '--rollback');
      await run('box:up');
      await comesBack();
      expect(await identity()).toEqual(first);
      expect(await locked()).toBe(image().provenance.sha256);
    },
    12 * MINUTE,
  );

  chapter(
    'ends, and leaves nothing',
    async () => {
      await run('box:down');
      expect(machines()).toEqual([]);
      await run('box:destroy', '--yes');
      expect(existsSync(state().machine('box'))).toBe(false);
      await stopBridge(workspace());
      await eventually('nothing runs', () => processesOf(workspace().workstation.root).length === 0);
    },
    5 * MINUTE,
  );
}
