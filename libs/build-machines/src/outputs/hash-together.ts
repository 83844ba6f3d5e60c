import type { Hash, HasherContext, Task } from '@nx/devkit';

type Together = Pick<HasherContext, 'hasher' | 'taskGraph'>;

interface Waiting {
  readonly task: Task;
  readonly env: NodeJS.ProcessEnv;
  readonly resolve: (hash: Hash | PromiseLike<Hash>) => void;
}

/** Tasks that wait for the end of this tick, by the hasher and graph that they are hashed with. */
const waiting = new Map<HasherContext['hasher'], Map<HasherContext['taskGraph'], Waiting[]>>();

/**
 * Nx's own hash of a task. Nx asks a custom hasher for one task at a time; those that it asks for in one tick are hashed
 * in one call, because each call is a message to the Nx daemon with the whole task graph in it.
 */
export function hashTogether({ task, env }: Omit<Waiting, 'resolve'>, { hasher, taskGraph }: Together): Promise<Hash> {
  const graphs = waiting.get(hasher) ?? new Map<HasherContext['taskGraph'], Waiting[]>();
  waiting.set(hasher, graphs);
  const tasks = graphs.get(taskGraph) ?? [];
  graphs.set(taskGraph, tasks);
  return new Promise((resolve) => {
    tasks.push({ task, env, resolve });
    if (tasks.length > 1) return;
    setImmediate(() => {
      graphs.delete(taskGraph);
      if (graphs.size === 0) waiting.delete(hasher);
      const hashes = hashAll(tasks, { hasher, taskGraph });
      tasks.forEach((one, index) => {
        one.resolve(hashes.then((all) => required(all[index], one.task)));
      });
    });
  });
}

function hashAll(tasks: readonly Waiting[], { hasher, taskGraph }: Together): Promise<Hash[]> {
  const environments = Object.fromEntries(tasks.map(({ task, env }) => [task.id, env]));
  return hasher.hashTasks(
    tasks.map(({ task }) => task),
    taskGraph,
    // Nx 23 takes an environment for each task; its types still name one for all.
    environments as unknown as NodeJS.ProcessEnv,
  );
}

function required(hash: Hash | undefined, { id }: Task): Hash {
  if (hash === undefined) throw new Error(`Nx gave no hash for ${id}`);
  return hash;
}
