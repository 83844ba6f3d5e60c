import { BuildMachinesError, type AgentInfo } from '@build-machines/protocol';
import { createServer, type Server } from 'node:net';
import { checkSpace, checkToolchains } from './expectations.js';
import { machineLayers, type SmokeProbes } from './machine-layers.js';
import { layerLines, summaryLine } from './report.js';
import { runLayers, type SmokeLayer } from './run-layers.js';

class MendableError extends BuildMachinesError {
  readonly code = 'mendable';
}

const layer = (id: string, needs: string[], check: SmokeLayer['check']): SmokeLayer => ({
  id,
  title: id,
  needs,
  check,
  fix: `mend ${id}`,
  withinMs: 1_000,
});

describe('the smoke test', () => {
  it('goes on after a failure with what does not need it', async () => {
    const layers = [
      layer('a', [], () => Promise.resolve('fine')),
      layer('b', ['a'], () => Promise.reject(new Error('broken'))),
      layer('c', ['b'], () => Promise.resolve('never asked')),
      layer('d', ['c'], () => Promise.resolve('never asked')),
      layer('e', ['a'], () => Promise.resolve('fine too')),
    ];
    const results = await runLayers(layers, { now: () => 0 });
    expect(results.flatMap(layerLines)).toEqual([
      '✔ a: fine (0 ms)',
      '✖ b: broken (0 ms)',
      '    fix: mend b',
      '– c: not checked, because "b" failed',
      '– d: not checked, because "c" failed',
      '✔ e: fine too (0 ms)',
    ]);
    expect(summaryLine(results)).toBe('1 of 5 layers failed, 2 not checked');
    expect(summaryLine(results.slice(0, 1))).toBe('all 1 layers work');
  });

  it('gives the fix of the error itself, where it has one', async () => {
    const check = () => Promise.reject(new MendableError('broken', { hint: 'do this' }));
    expect(await runLayers([layer('a', [], check)])).toMatchObject([{ status: 'failed', fix: 'do this' }]);
  });

  it('ends a layer that never answers', async () => {
    const hanging = { ...layer('a', [], () => new Promise<string>(() => undefined)), withinMs: 50 };
    expect(await runLayers([hanging])).toMatchObject([{ status: 'failed', problem: 'no answer within 0.05 s' }]);
  });

  it('ends when it is cancelled', async () => {
    const cancelled = AbortSignal.abort(new Error('cancelled'));
    await expect(runLayers([layer('a', [], () => Promise.resolve(''))], { signal: cancelled })).rejects.toThrow(
      'cancelled',
    );
  });
});

describe("a machine's layers", () => {
  let silent: Server;
  let port: number;
  beforeAll(async () => {
    silent = createServer((socket) => socket.end('HTTP/1.0 400\r\n\r\n'));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    port = (silent.address() as { port: number }).port;
  });
  afterAll(() => {
    silent.close();
  });
  const never = () => Promise.reject(new Error('must not be asked'));
  const probes: SmokeProbes = { agentInfo: never, hubEntry: never, compileAndRun: never, artifactRoundTrip: never };
  const access = (sshPort: number) => ({
    name: 'box',
    sshHost: '127.0.0.1',
    sshPort,
    user: 'me',
    identityFile: '/k',
    hostKey: 'ssh-ed25519 AAAA',
    agentSocket: '/s',
  });

  it('tell a tunnel that listens from a machine that answers', async () => {
    const subject = { access: access(port), provider: 'sandbox' as const, tunnel: true, lock: null, path: '' };
    const results = await runLayers(machineLayers(subject, probes));
    expect(results.map(({ id, status }) => `${id} ${status}`).slice(0, 3)).toEqual([
      'tunnel passed',
      'ssh failed',
      'host-key skipped',
    ]);
    expect(results.slice(2).every(({ status }) => status === 'skipped')).toBe(true);
  });

  it('judge agent, tools, hub and space by what the agent says', async () => {
    const info = {
      name: 'box',
      version: '1',
      slots: { total: 1, busy: 0, queued: 0 },
      tools: [{ tool: 'ghc', version: '9.0.2', path: '/usr/bin/ghc' }],
      diskFreeBytes: 5 * 1024 ** 3,
      hub: { state: 'registered', lastHeartbeatAt: null, detail: null },
    } as unknown as AgentInfo;
    const stale = { state: 'stale', last_heartbeat_at: 'then', toolchains: [] } as const;
    const layers = machineLayers(
      { access: access(port), provider: 'sandbox', tunnel: true, lock: null, path: '' },
      {
        agentInfo: () => Promise.resolve(info),
        hubEntry: () => Promise.resolve(stale),
        compileAndRun: () => Promise.resolve('42\n'),
        artifactRoundTrip: () => Promise.resolve('same digest'),
      },
    );
    const above = layers.slice(layers.findIndex(({ id }) => id === 'agent'));
    const results = await runLayers(above);
    expect(results.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'agent passed',
      'toolchains passed',
      'space passed',
      'compile passed',
      'artifact passed',
      'forward passed',
      'registration failed',
    ]);
  });

  it('compare tools with the lock exactly', () => {
    const tools = [{ tool: 'ghc' as const, version: '9.6.6', path: '/x' }];
    const lock = { version: 1 as const, os: 'x', arch: 'y', toolchains: [{ tool: 'ghc' as const, version: '9.8.4' }] };
    expect(() => checkToolchains({ tools }, lock)).toThrow('not as in machine.lock: ghc 9.8.4 (there: 9.6.6)');
    expect(() => checkToolchains({ tools: [] }, null)).toThrow('has no GHC');
    expect(() => checkSpace({ diskFreeBytes: 1024 ** 3 })).toThrow('only 1.0 GiB are free');
  });
});
