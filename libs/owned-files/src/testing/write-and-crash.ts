import fs from 'node:fs/promises';

/**
 * Writes files into an owned folder, and ends the process like kill -9 before the system call of a given number that
 * changes something. Prints `ended` when the work was done before.
 */
let left = Number(process.argv[4]);
for (const name of ['link', 'unlink', 'rename', 'rmdir', 'rm', 'mkdir', 'mkdtemp', 'writeFile'] as const) {
  const original = fs[name] as (...args: unknown[]) => Promise<unknown>;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      if (left-- <= 0) process.kill(process.pid, 'SIGKILL');
      return original(...args);
    },
  });
}

async function main(): Promise<void> {
  const { OwnedFolder } = await import('../owned-folder.js');
  const [, , folder = '', madeFor = ''] = process.argv;
  await (await OwnedFolder.claim(folder, { madeFor })).writeFiles({ 'a/b': 'new', f: 'new' });
  process.stdout.write('ended');
}

void main();
