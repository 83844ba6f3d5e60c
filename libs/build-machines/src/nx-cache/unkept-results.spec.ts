import type { Task } from '@nx/devkit';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepOnlyIfAsHashed, markUnkept } from './unkept-results.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unkept-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const hashed = (hash: string, cache: boolean | undefined = true): Task => {
  const task = { id: `app:${hash}`, cache } as Task;
  keepOnlyIfAsHashed(task, root);
  task.hash = hash;
  return task;
};

describe('the result of a task', () => {
  it('is kept, also where another one was marked', async () => {
    const task = hashed('1');
    await markUnkept(root, '2');
    expect(task.cache).toBe(true);
  });

  it('is not kept once its executor has marked it', async () => {
    const task = hashed('1');
    await markUnkept(root, '1');
    expect(task.cache).toBe(false);
    // What crosses to another process is the state of that moment.
    expect(JSON.parse(JSON.stringify(task))).toMatchObject({ cache: false });
  });

  it('is kept when what was marked was an earlier one of the same hash', async () => {
    await markUnkept(root, '1');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(hashed('1').cache).toBe(true);
  });

  it('is not kept where Nx has hashed the task a second time, after it ran', () => {
    const task = hashed('1');
    keepOnlyIfAsHashed(task, root);
    expect(task.cache).toBe(false);
  });

  it('is never kept where the target is not to be cached', () => {
    expect(hashed('1', false).cache).toBe(false);
  });
});
