import { hasForeignContents } from '@build-machines/owned-files';
import { type CustomHasher, type HasherContext, workspaceRoot } from '@nx/devkit';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { hashTogether } from './hash-together.js';
import { neverCacheAccepting } from '../nx-cache/accepting.js';

/** What Nx 23 passes and its types do not name: the task's own environment, with the .env files of its project. */
interface ContextOfTask extends HasherContext {
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The hash of a task whose output folder people may put files into. On a cache hit, Nx removes the whole output folder
 * before it restores what it stored. So while the folder holds something that is not ours, no result in the cache fits:
 * the task runs, and decides by the marker.
 */
export const hashWithOutputs: CustomHasher = async (task, { hasher, taskGraph, projectGraph, env }: ContextOfTask) => {
  neverCacheAccepting(task, projectGraph);
  const hash = await hashTogether({ task, env: env ?? process.env }, { hasher, taskGraph });
  for (const output of task.outputs)
    if (await hasForeignContents(workspaceRoot, resolve(workspaceRoot, output)))
      return { ...hash, value: `${hash.value}-${randomUUID()}` };
  return hash;
};
