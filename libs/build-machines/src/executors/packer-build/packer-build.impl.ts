import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { imageBase } from '../../vm-task/base-disk.js';
import { buildImage } from '../../vm-task/build-image.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `packer-build`; see options.ts. */
export default defineExecutor(Options, (options, context) => {
  const { onError, keep, toolchainSource, machine: named, ...baseDisk } = options;
  return runMachineTask({ machine: named }, context, async ({ machine, state, note, progress, signal }) => {
    const { image, built } = await buildImage(machine, state, {
      workspaceRoot: context.root,
      base: await imageBase(machine.definition.provider, context.root, baseDisk),
      toolchainSource,
      onError,
      keep,
      onProgress: ({ kind, text, step }) => {
        if (kind === 'line') progress.update('packer', text);
        else note(step === undefined ? text : `${text} (${step.number} of ${step.total})`);
      },
      signal,
    });
    note(built ? `built ${image.ova}` : `${image.ova} was made from the same inputs`);
  });
});
