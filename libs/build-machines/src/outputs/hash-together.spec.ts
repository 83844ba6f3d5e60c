import type { Hash, HasherContext, Task, TaskGraph } from '@nx/devkit';
import { hashTogether } from './hash-together.js';

const task = (id: string): Task => ({
  id,
  target: { project: id, target: 't' },
  overrides: {},
  outputs: [],
  parallelism: true,
  cache: true,
});
const graph = { tasks: {}, dependencies: {}, roots: [], continuousDependencies: {} } as TaskGraph;

function countingHasher(fail = false): { hasher: HasherContext['hasher']; calls: { ids: string[]; env: unknown }[] } {
  const calls: { ids: string[]; env: unknown }[] = [];
  const hashTasks = (tasks: Task[], _graph: unknown, env: unknown): Promise<Hash[]> => {
    calls.push({ ids: tasks.map(({ id }) => id), env });
    if (fail) return Promise.reject(new Error('no daemon'));
    return Promise.resolve(
      tasks.map(({ id }) => ({ value: `hash of ${id}`, details: { command: '', nodes: {} } }) as unknown as Hash),
    );
  };
  return { hasher: { hashTasks } as unknown as HasherContext['hasher'], calls };
}

describe('hashing tasks together', () => {
  it('asks Nx once for all that are asked for in one tick, each with its own environment', async () => {
    const { hasher, calls } = countingHasher();
    const ids = ['a', 'b', 'c'];
    const hashes = await Promise.all(
      ids.map((id) => hashTogether({ task: task(id), env: { OF: id } }, { hasher, taskGraph: graph })),
    );
    expect(hashes.map(({ value }) => value)).toEqual(['hash of a', 'hash of b', 'hash of c']);
    expect(calls).toEqual([{ ids, env: { a: { OF: 'a' }, b: { OF: 'b' }, c: { OF: 'c' } } }]);
  });

  it('asks again for what comes later, and for another graph', async () => {
    const { hasher, calls } = countingHasher();
    await hashTogether({ task: task('a'), env: {} }, { hasher, taskGraph: graph });
    await Promise.all([
      hashTogether({ task: task('b'), env: {} }, { hasher, taskGraph: graph }),
      hashTogether({ task: task('c'), env: {} }, { hasher, taskGraph: { ...graph } }),
    ]);
    expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['b'], ['c']]);
  });

  it('fails each of them when Nx cannot hash', async () => {
    const { hasher } = countingHasher(true);
    const both = ['a', 'b'].map((id) => hashTogether({ task: task(id), env: {} }, { hasher, taskGraph: graph }));
    for (const one of both) await expect(one).rejects.toThrow('no daemon');
  });
});
