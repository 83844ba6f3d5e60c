import { imageFolder, newestImage } from '@build-machines/machines';
import type { ExecutorContext } from '@nx/devkit';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { virtualMachineOf } from '../../vm-task/virtual-machine.js';
import { Options } from './options.js';

/** Executor `vm-import`; see options.ts. */
export default function vmImport(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const { mode, autostart, start, ...parsed } = Options.parse(options);
  return runMachineTask(parsed, context, async ({ machine, state, note, signal }) => {
    const image = await newestImage(imageFolder(state), machine.definition.name);
    const vm = virtualMachineOf(machine, state);
    await vm.import(image, { existing: mode, autostart, start, onProgress: note, signal });
    if (start) await vm.contact({ onProgress: note, signal });
  });
}
