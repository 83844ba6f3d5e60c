import type { ImageBase } from '@build-machines/machines';
import type { ExecutorContext } from '@nx/devkit';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { buildImage } from '../../vm-task/build-image.js';
import { BaseDiskDigestMissingError } from '../../vm-task/vm-task-errors.js';
import { Options } from './options.js';

/** Executor `packer-build`; see options.ts. */
export default function packerBuild(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const { onError, keep, baseDisk, baseDiskSha256, toolchainSource, ...parsed } = Options.parse(options);
  return runMachineTask(parsed, context, async ({ machine, state, note, progress, signal }) => {
    const { image, built } = await buildImage(machine, state, {
      workspaceRoot: context.root,
      base: baseOf(machine.definition.provider === 'qemu', baseDisk, baseDiskSha256),
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
}

function baseOf(isQemu: boolean, file: string | undefined, sha256: string | undefined): ImageBase {
  if (file === undefined) return { source: isQemu ? 'qemu-iso' : 'virtualbox-iso' };
  if (sha256 === undefined) throw new BaseDiskDigestMissingError(file);
  return { source: 'qemu-disk-image', disk: { file, sha256 } };
}
