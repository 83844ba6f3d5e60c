import { hasForeignContents } from '@build-machines/owned-files';
import { type CustomHasher, workspaceRoot } from '@nx/devkit';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { hashWithMachines } from '../hashing/hash-with-machines.js';

/**
 * The hash of a task whose output folder people may put files into. On a cache hit, Nx removes the whole output folder
 * before it restores what it stored. So while the folder holds something that is not ours, no result in the cache fits:
 * the task runs, and decides by the marker.
 */
export const hashWithOutputs: CustomHasher = async (task, context) => {
  const hash = await hashWithMachines(task, context);
  for (const output of task.outputs)
    if (await hasForeignContents(workspaceRoot, resolve(workspaceRoot, output)))
      return { ...hash, value: `${hash.value}-${randomUUID()}` };
  return hash;
};
