import { hasForeignContents } from '@build-machines/owned-files';
import { type CustomHasher, type HasherContext, type Task, workspaceRoot } from '@nx/devkit';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { keepOnlyIfAsHashed } from '../nx-cache/unkept-results.js';
import { hashTogether } from './hash-together.js';

/** What Nx 23 passes and its types do not name: the task's own environment, with the .env files of its project. */
interface ContextOfTask extends HasherContext {
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Nx's own hash of a task, with two additions.
 *
 * People may put files into an output folder. On a cache hit, Nx removes the whole folder before it restores what it
 * stored. So while the folder holds something that is not ours, no result in the cache fits: the task runs, and decides
 * by the marker.
 *
 * And the result is not kept where what was sent to the machine turns out not to be what was hashed here.
 */
export const hashWithOutputs: CustomHasher = async (task: Task, { hasher, taskGraph, env }: ContextOfTask) => {
  const hash = await hashTogether({ task, env: env ?? process.env }, { hasher, taskGraph });
  keepOnlyIfAsHashed(task, workspaceRoot);
  for (const output of task.outputs)
    if (await hasForeignContents(workspaceRoot, resolve(workspaceRoot, output)))
      return { ...hash, value: `${hash.value}-${randomUUID()}` };
  return hash;
};
