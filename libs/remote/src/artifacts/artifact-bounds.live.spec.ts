import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MARKER_NAME } from '@build-machines/owned-files';
import type { ArtifactManifest } from '@build-machines/protocol';
import { collectRun, makeWorkspace, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';
import { ownedFiles } from '../testing/owned-files.js';
import { script } from '../testing/script.js';
import { fetchArtifacts } from './fetch-artifacts.js';

const MIB = 1024 ** 2;
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

describe('the bounds of what a machine sends', () => {
  let machine: AgentMachine;
  let root: string;
  let folder: string;
  let destination: string;
  let manifest: ArtifactManifest;

  beforeAll(async () => {
    machine = await startAgentMachine();
    root = await makeWorkspace({ 'p/source': 'x' });
    const kinds = { kinds: ['file' as const], globs: ['out/**'] };
    const artifacts = { projectDir: 'p', buildDir: 'dist-newstyle', packages: [], ...kinds };
    const make = `mkdir -p out; head -c ${String(24 * MIB)} /dev/urandom > out/big; cp out/big out/twin; echo hi > out/small`;
    const { result } = await collectRun(machine, root, script(make, { cwd: 'p', artifacts }));
    manifest = result.artifacts ?? { version: 1, artifacts: [] };
  });
  afterAll(async () => {
    await machine.close();
    await rm(root, { recursive: true });
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bmb-'));
    destination = join(folder, 'dist/app');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const place = () => ({ destination, madeFor: 'the artifacts of app', turnFile: join(folder, 'turn') });
  const fetch = (options: Partial<Parameters<typeof fetchArtifacts>[0]> = {}) =>
    fetchArtifacts({ connect: machine.connect, machine: 'box', manifest, ...place(), ...options });

  const placed = (name: string) =>
    readFileSync(join(destination, manifest.artifacts.find(({ path }) => path.endsWith(`/${name}`))?.path ?? name));

  it('refuses a set of files that is larger than the user allows, and asks the machine for none of it', async () => {
    expect(manifest.artifacts).toHaveLength(3);
    const connect = () => Promise.reject(new Error('asked'));
    await expect(fetch({ connect, maxBytes: 48 * MIB })).rejects.toMatchObject({
      code: 'artifacts-too-large',
      message: expect.stringMatching(/"box" lists artifacts of 50.3 MB, more than the 50.3 MB .*(big|twin)/),
      hint: expect.stringContaining('artifactsMaxMiB'),
      details: { bytes: 48 * MIB + 3, maxBytes: 48 * MIB },
    });
    expect(existsSync(dirname(destination))).toBe(false);
  });

  it('brings one that just fits', async () => {
    expect(await fetch({ maxBytes: 48 * MIB + 3 })).toMatchObject({ files: 3, fetchedFiles: 2 });
    expect(placed('big').equals(placed('twin'))).toBe(true);
  });

  asRoot('on a small disk (needs root for a tmpfs)', () => {
    let disk: string;
    const mountDisk = async (mib: number) => {
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(mib)}m`, 'tmpfs', disk]);
      destination = join(disk, 'app');
      await ownedFiles(destination, 'the artifacts of app', { old: 'old' });
    };
    const free = () => {
      const { bavail, bsize } = statfsSync(disk);
      return bavail * bsize;
    };
    beforeEach(() => {
      disk = join(folder, 'disk');
    });
    afterEach(() => {
      execFileSync('umount', [disk]);
    });

    it('asks the machine for nothing that would not fit, with room to spare', async () => {
      await mountDisk(108);
      await expect(fetch({ connect: () => Promise.reject(new Error('asked')) })).rejects.toMatchObject({
        code: 'artifact-space',
        details: { neededBytes: 48 * MIB + 3 },
      });
      expect(readdirSync(disk)).toEqual(['app']);
      expect(readdirSync(destination)).toEqual([MARKER_NAME, 'old']);
    });

    it('needs no room for anything twice', async () => {
      await mountDisk(114);
      await fetch();
      expect([placed('big').length, placed('twin').length, placed('small').length]).toEqual([24 * MIB, 24 * MIB, 3]);
    });

    it('stops while it receives when the disk fills up, and removes what came', async () => {
      await mountDisk(118);
      const filler = join(disk, 'filler');
      const before = free();
      await expect(
        fetch({
          onProgress: ({ received }) => {
            if (received > MIB && !existsSync(filler)) writeFileSync(filler, Buffer.alloc(50 * MIB));
          },
        }),
      ).rejects.toMatchObject({ code: 'artifact-space' });
      expect(readdirSync(destination)).toEqual([MARKER_NAME, 'old']);
      rmSync(filler);
      expect(readdirSync(disk)).toEqual(['app']);
      expect(free()).toBe(before);
    });
  });
});
