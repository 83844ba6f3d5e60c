// Unit specs need no process and no socket: that is what makes them run in seconds, on any computer, and the same each
// time. A spec that wants one is a live spec.
import childProcess from 'node:child_process';
import { Server, Socket } from 'node:net';

// Far more than any needs, for computers that are busy.
jest.setTimeout(30_000);

const guarded: [object, string[]][] = [
  [childProcess, ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync']],
  [Server.prototype, ['listen']],
  [Socket.prototype, ['connect']],
];

const originals = guarded.flatMap(([owner, names]) =>
  names.map((name) => ({ owner, name, original: Reflect.get(owner, name) as unknown })),
);

for (const { owner, name } of originals) {
  Reflect.set(owner, name, () => {
    throw new Error(`${name}() in a unit spec: name it *.live.spec.ts, or test without processes and sockets`);
  });
}

// Node's modules are shared by all spec files of a jest worker, and the next one may be a live spec.
afterAll(() => {
  for (const { owner, name, original } of originals) Reflect.set(owner, name, original);
});
