import { type CustomHasher, type HasherContext, workspaceRoot } from '@nx/devkit';
import { createHash, randomUUID } from 'node:crypto';
import { hashTogether } from '../outputs/hash-together.js';
import { hashedTraits } from '../placing/hashed-traits.js';
import { machinesOfTask } from './machines-of-task.js';
import { withTraitsNode } from './traits-of-hash.js';

/** What Nx 23 passes and its types do not name: the task's own environment, with the .env files of its project. */
interface ContextOfTask extends HasherContext {
  readonly env?: NodeJS.ProcessEnv;
}

/** The hash of a task that runs on a machine: what Nx makes of its inputs, and the traits of those that it may run on. */
export const hashWithMachines: CustomHasher = async (task, { hasher, taskGraph, projectGraph, env }: ContextOfTask) => {
  const hash = await hashTogether({ task, env: env ?? process.env }, { hasher, taskGraph });
  const choice = machinesOfTask(task, projectGraph);
  const traits = choice === undefined ? [randomUUID()] : await hashedTraits(workspaceRoot, choice);
  return { value: withTraits(hash.value, traits), details: withTraitsNode(hash.details, traits) };
};

function withTraits(hash: string, traits: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([hash, traits]))
    .digest('hex');
}
