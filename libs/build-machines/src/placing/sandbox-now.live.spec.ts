import { sandboxLayout, stateFolder } from '@build-machines/machines';
import { type AgentInfo, PROTOCOL_VERSION } from '@build-machines/protocol';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxNow } from './sandbox-now.js';

const INFO: AgentInfo = {
  ...{
    protocol: PROTOCOL_VERSION,
    version: '0.1.0',
    name: 'box',
    hostname: 'h',
    machineId: 'm',
    os: 'Debian',
    arch: 'x64',
    cpus: 1,
  },
  ...{ memoryBytes: 1, diskFreeBytes: 1, load: 0, now: '2026-11-24T20:13:43.900Z', home: '/home' },
  ...{ startedAt: '2026-11-24T20:13:43.900Z', slots: { total: 1, busy: 0, queued: 0 }, tools: [], labels: {} },
  defaultToolchain: {},
  traits: { system: { 'package zlib1g-dev': '1' }, ghc: {}, cabal: {} },
  hub: { state: 'disabled', lastHeartbeatAt: null, detail: null },
};

describe('what a sandbox is like now', () => {
  let folder: string;
  let server: Server | undefined;
  const state = () => stateFolder({ BUILD_MACHINES_HOME: folder });
  const agent = async (body: unknown, name: string): Promise<void> => {
    const { agentSocket, root } = sandboxLayout(state(), name);
    mkdirSync(root, { recursive: true });
    server = createServer((_request, response) => response.end(JSON.stringify(body))).listen(agentSocket);
    await once(server, 'listening');
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bm-now-'));
  });
  afterEach(() => {
    server?.close();
    rmSync(folder, { recursive: true });
  });

  it('is what its agent says', async () => {
    await agent(INFO, 'box');
    expect(await sandboxNow(state(), 'box')).toEqual(INFO.traits);
  });

  it('is not known while no agent runs, or one of another release does', async () => {
    expect(await sandboxNow(state(), 'down')).toBeUndefined();
    await agent({ name: 'old' }, 'old');
    expect(await sandboxNow(state(), 'old')).toBeUndefined();
  });
});
