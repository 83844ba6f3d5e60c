import { type AgentInfo, PROTOCOL_VERSION } from '@build-machines/protocol';
import { type MachineStatus, statusLines } from './machine-status.js';

const agent: AgentInfo = {
  protocol: PROTOCOL_VERSION,
  version: '0.1.0',
  name: 'box',
  hostname: 'box.lan',
  machineId: '34a6a80d-a4a2-46c5-8afd-a07f76d66b0d',
  os: 'Debian GNU/Linux 12 (bookworm)',
  arch: 'x64',
  cpus: 2,
  memoryBytes: 8e9,
  diskFreeBytes: 60e9,
  load: 0.5,
  now: '2026-11-24T20:13:43.900Z',
  startedAt: '2026-11-24T20:13:18.526Z',
  home: '/home/me',
  slots: { total: 1, busy: 0, queued: 0 },
  tools: [{ tool: 'ghc', version: '9.0.2', path: '/usr/bin/ghc' }],
  defaultToolchain: {},
  traits: { system: {}, ghc: {}, cabal: {} },
  labels: {},
  hub: { state: 'registered', lastHeartbeatAt: '2026-11-24T20:13:31.900Z', detail: null },
};
const report = {
  ...{ name: 'box', sshHost: '127.0.0.1', sshPort: 12222, listening: true, sshOk: true },
  ...{ agent, latencyMs: 4.2, error: null },
};
const status: MachineStatus = {
  machine: 'box',
  tunnel: true,
  bridge: 'running',
  relay: { port: 12220, answering: true },
  hub: { url: 'http://127.0.0.1:8000', answering: true },
  report,
  ok: true,
};

describe('the status of a machine, as lines', () => {
  it('has every layer that a build needs, and the age of the last heartbeat', () => {
    expect(statusLines(status)).toBe(
      [
        'bridge      running',
        'relay       port 12220, answers',
        'hub         http://127.0.0.1:8000, answers',
        'tunnel      127.0.0.1:12222, up',
        'ssh         works, host key as pinned',
        'agent       0.1.0 on box.lan, 4 ms',
        'registered  registered, last heartbeat 12 s ago',
        'toolchains  ghc 9.0.2',
        'work        0 of 1 slots busy, 0 waiting; load 0.50',
        'disk        60 GB free',
        '',
      ].join('\n'),
    );
  });

  it('says of an existing hub whether it lists the machine, and what it cannot', () => {
    const hub = { url: 'http://hub.lan', answering: true, listed: true, missing: ['leases', 'runs'] };
    expect(statusLines({ ...status, hub })).toContain(
      'hub         http://hub.lan, answers, lists this machine, has no leases, runs\n',
    );
    expect(statusLines({ ...status, hub: { ...hub, listed: false, missing: [] } })).toContain('DOES NOT LIST');
    expect(statusLines({ ...status, hub: { url: 'http://hub.lan', answering: true, problem: 'no list' } })).toContain(
      'its catalog cannot be read: no list',
    );
  });

  it('speaks of no tunnel and of no heartbeat where the machine is reached directly', () => {
    const lines = statusLines({
      ...status,
      tunnel: false,
      report: {
        ...report,
        ...{ sshHost: 'box.lan', sshPort: 22 },
        agent: { ...agent, hub: { state: 'disabled', lastHeartbeatAt: null, detail: null } },
      },
    });
    expect(lines).toContain('\naddress     box.lan:22, answers\n');
    expect(lines).toContain('\nregistered  no: it has no tunnel to a hub\n');
    expect(lines).not.toContain('tunnel  ');
  });

  it('says of a machine that is not up only that, and the command', () => {
    const error = { code: 'machine-not-up', message: 'machine "box" is not up', hint: 'Run `nx run box:up`.' };
    const down = { ...report, sshHost: '', sshPort: 0, listening: false, sshOk: false, agent: null, latencyMs: null };
    const lines = statusLines({ ...status, report: { ...down, error }, ok: false });
    expect(lines.split('\n').slice(3)).toEqual([
      'problem     machine "box" is not up',
      '            → Run `nx run box:up`.',
      '',
    ]);
  });
});
