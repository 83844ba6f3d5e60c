import { leaveBusyAlone } from '../../machine-task/leave-busy-alone.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { importImage, rollBack } from '../../vm-task/import-image.js';
import { machineImage } from '../../vm-task/machine-image.js';
import { type ExistingVm, virtualMachineOf } from '../../vm-task/virtual-machine.js';
import { ImportChoiceError } from '../../vm-task/vm-task-errors.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `vm-import`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { replace, alongside, rollback, autostart, start, force, ...parsed } = options;
  return runMachineTask(parsed, context, async ({ machine, state, note, signal }) => {
    const watched = { onProgress: note, signal };
    const existing = choice({ replace, alongside, rollback });
    if (existing === 'rollback') {
      await leaveBusyAlone(machine, state, { forced: force, signal }, () =>
        rollBack(virtualMachineOf(machine, state), machine.definition.name, state, watched),
      );
      return;
    }
    const image = await machineImage(machine, state, context.root);
    const importing = (): Promise<void> =>
      importImage(machine, state, image, { existing, autostart, start, ...watched });
    // Only a replacement touches the machine that exists.
    if (existing === 'replace') await leaveBusyAlone(machine, state, { forced: force, signal }, importing);
    else await importing();
  });
});

/** @throws ImportChoiceError when more than one is asked for. */
function choice(wishes: Record<'replace' | 'alongside' | 'rollback', boolean>): ExistingVm | 'rollback' {
  const [wish, ...others] = (['replace', 'alongside', 'rollback'] as const).filter((name) => wishes[name]);
  if (others.length > 0) throw new ImportChoiceError([wish ?? '', ...others].map((name) => `--${name}`));
  return wish ?? 'keep';
}
