import { randomUUID } from 'node:crypto';
import type { HubClient, RunFinish } from '@build-machines/state-hub';

const GIB = 1024 ** 3;

/** Brings a hub into the state of an ordinary afternoon: machines of all kinds, a queue, a history, a build under way. */
export async function makeBusy(
  admin: HubClient,
  clock: { now: number },
): Promise<{ runningId: string; print(text: string): Promise<void> }> {
  const vm = (name: string, port: number, ghcs: string[], cpus: number, slots: number) =>
    admin.register({
      capability_type: 'haskell-build-agent',
      name,
      machine_id: `id-${name}`,
      tunnel_port: port,
      agent_version: '0.1.0',
      protocol: 1,
      hostname: name,
      os: 'ubuntu 24.04',
      arch: 'x64',
      cpus,
      memory_bytes: cpus * 4 * GIB,
      toolchains: [
        ...ghcs.map((version) => ({ tool: 'ghc' as const, version, path: `/opt/ghc/${version}/bin/ghc` })),
        { tool: 'cabal', version: '3.12.1.0', path: '/usr/bin/cabal' },
      ],
      labels: { site: 'lab' },
      slots,
    });
  const beat = (id: string, name: string, load: number, busy: number, skew = 0) =>
    admin.heartbeat(id, {
      machine_id: `id-${name}`,
      load,
      disk_free_bytes: 61.5 * GIB,
      slots_busy: busy,
      queued: 0,
      clock: new Date(clock.now + skew).toISOString(),
    });

  await vm('old-laptop', 12225, ['9.0.2'], 2, 1);
  clock.now += 200_000;
  await admin.createToken({ role: 'user', name: 'ada' });
  const build = await vm('haskell-build', 12222, ['9.6.6', '9.8.4'], 8, 2);
  const test = await vm('haskell-test', 12223, ['9.6.6'], 4, 1);
  const bench = await vm('haskell-bench', 12224, ['9.8.4'], 16, 1);
  await admin.setMachineMode('haskell-bench', { mode: 'draining', note: 'new disk on Thursday' });

  const tasks = ['parser', 'core', 'api', 'web', 'cli'];
  for (let index = 0; index < 34; index += 1) {
    const name = tasks[index % tasks.length] ?? 'core';
    const id = randomUUID();
    await admin.startRun({
      id,
      label: `${name}:${index % 3 === 0 ? 'remote-test' : 'remote-build'}`,
      project: name,
      machine: index % 2 === 0 ? 'haskell-build' : 'haskell-test',
      user: ['ada', 'grace', 'alan'][index % 3],
      commit: `${(index * 7919 + 1_000_003).toString(16)}a0b1c2d3`.slice(0, 12),
      ghc: '9.6.6',
    });
    const outcome: RunFinish['outcome'] = index % 11 === 7 ? 'failed' : index === 20 ? 'cancelled' : 'succeeded';
    const took = 4_000 + ((index * 7_919) % 97) * 900;
    if (outcome === 'failed') await admin.appendLog(id, 0, Buffer.from(FAILED_LOG));
    clock.now += took;
    await admin.finishRun(id, {
      outcome,
      exit_code: outcome === 'succeeded' ? 0 : 1,
      cache: index % 6 === 5 ? 'reused' : 'executed',
      bytes_sent: 1_500 * (1 + (index % 9) ** 3),
    });
    clock.now += 60_000;
  }
  clock.now = Math.max(clock.now, Date.now() - 201_000); // What follows takes that long and ends about now.
  await beat(build.id, 'haskell-build', 5.2, 2);
  await beat(test.id, 'haskell-test', 3.9, 1, -95_000);
  await beat(bench.id, 'haskell-bench', 0.3, 0);

  for (const label of ['web:remote-build', 'core:remote-test', 'parser:remote-build']) {
    const id = randomUUID();
    await admin.requestLease({ id, user: 'ada', label, requirements: { ghc: '9.6.6' } });
    clock.now += 50_000;
    await admin.releaseLease(id);
  }
  await beat(build.id, 'haskell-build', 5.2, 2);
  await beat(test.id, 'haskell-test', 3.9, 1, -95_000);
  for (const user of ['ada', 'grace', 'alan']) {
    await admin.requestLease({ id: randomUUID(), user, label: 'web:remote-build', requirements: { ghc: '9.6.6' } });
    clock.now += 3_000;
  }
  for (const [user, label] of [
    ['alan', 'core:remote-test'],
    ['ada', 'parser:remote-build'],
  ] as const) {
    await admin.requestLease({ id: randomUUID(), user, label, requirements: { ghc: '9.6.6' } });
    clock.now += 21_000;
  }
  await beat(build.id, 'haskell-build', 5.2, 2);
  await beat(test.id, 'haskell-test', 3.9, 1, -95_000);
  await beat(bench.id, 'haskell-bench', 0.3, 0);

  const runningId = randomUUID();
  await admin.startRun({
    id: runningId,
    label: 'web:remote-build',
    project: 'web',
    machine: 'haskell-build',
    user: 'ada',
    commit: '4f9c2d1e77aa',
    ghc: '9.6.6',
  });
  let offset = 0;
  const print = async (text: string) => {
    offset = await admin.appendLog(runningId, offset, Buffer.from(text));
  };
  await print(RUNNING_LOG);
  return { runningId, print };
}

const ESC = '\u001b[';
const FAILED_LOG = `Build profile: -w ghc-9.6.6 -O1
[2 of 9] Compiling Parser.Lexer

${ESC}1m${ESC}31msrc/Parser/Lexer.hs:41:9: error: [GHC-83865]${ESC}0m
    ${ESC}34m•${ESC}0m Couldn't match type ‘Text’ with ‘String’
   ${ESC}34m|${ESC}0m
${ESC}34m41 |${ESC}0m   lexeme ${ESC}31mtoken${ESC}0m
   ${ESC}34m|${ESC}0m          ${ESC}31m^^^^^${ESC}0m
Error: cabal: Failed to build parser-0.1.0.0.
`;
const RUNNING_LOG = `Resolving dependencies...
Build profile: -w ghc-9.6.6 -O1
In order, the following will be built (use -v for more details):
 - core-0.4.0.0 (lib) (file src/Core/Types.hs changed)
 - web-0.4.0.0 (exe:web) (dependency rebuilt)
Preprocessing library for core-0.4.0.0...
Building library for core-0.4.0.0...
[ 1 of 14] Compiling Core.Types       ( src/Core/Types.hs, dist/build/Core/Types.o )
[ 2 of 14] Compiling Core.Json        ( src/Core/Json.hs, dist/build/Core/Json.o )

${ESC}1msrc/Core/Json.hs:27:1: ${ESC}35mwarning: [GHC-66111] [-Wunused-imports]${ESC}0m
    The import of ‘Data.Maybe’ is redundant
   ${ESC}34m|${ESC}0m
${ESC}34m27 |${ESC}0m ${ESC}35mimport Data.Maybe (fromMaybe)${ESC}0m
   ${ESC}34m|${ESC}0m ${ESC}35m^^^^^^^^^^^^^^^^^^^^^^^^^^^^^${ESC}0m

[ 3 of 14] Compiling Core.Größe       ( src/Core/Größe.hs, dist/build/Core/Größe.o )
${ESC}32mall <b>14</b> modules & <img src=x onerror="document.title='owned'"> are text${ESC}0m
`;
