import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isDeadHere, thisProcess } from './local-process.js';

describe('the process behind a lease', () => {
  const self = thisProcess()!;

  it('lives while it runs, also when it is stopped; and is dead as soon as it was killed', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const pid = child.pid!;
    // The number of a process that ended is given again: the time of its start tells the two apart.
    expect(isDeadHere({ ...self, pid, started: '1' })).toBe(true);
    const holder = { ...self, pid, started: startOf(pid) };
    expect(isDeadHere(holder)).toBe(false);
    child.kill('SIGSTOP');
    expect(isDeadHere(holder)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isDeadHere(holder)).toBe(true);
  });

  it('is not judged on another computer, after another boot, or in another container', () => {
    expect(isDeadHere(self)).toBe(false);
    expect(isDeadHere({ host: 'another boot pid:[4026531836]', pid: 2 ** 22, started: '1' })).toBe(false);
  });
});

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
}
