import { makeTemporaryFolder } from '@build-machines/owned-files';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import LibsqlDatabase from 'libsql';
import { pack } from 'tar-stream';
import { HubClient } from '../client/hub-client.js';
import { hubStateFiles } from '../hub/state-files.js';
import { startHub } from '../hub/start-hub.js';
import { HubProgram } from '../testing/hub-process.js';
import { ADMIN_TOKEN, heartbeat, HubRig, registration } from '../testing/hub-rig.js';
import { backupHub } from './backup-hub.js';
import { restoreHub } from './restore-hub.js';

describe('a backup of a hub', () => {
  let rig: HubRig;
  let archive: string;
  beforeEach(async () => {
    rig = await HubRig.start();
    archive = join(rig.folder, 'copy.tar.gz');
    await rig.client().register(registration('m1'));
  });
  afterEach(() => rig.close());

  const files = (folder = rig.folder) => hubStateFiles(folder);

  async function recordRun(log: string): Promise<string> {
    const id = randomUUID();
    await rig.client().startRun({ id, label: 'app:remote-build', machine: 'm1' });
    if (log !== '') await rig.client().appendLog(id, 0, Buffer.from(log));
    return id;
  }

  async function startAt(folder: string): Promise<{ client: HubClient; close: () => Promise<void> }> {
    const options = { port: 0, databaseFile: files(folder).databaseFile, adminToken: ADMIN_TOKEN };
    const hub = await startHub({ ...options, now: () => rig.clock });
    return { client: new HubClient({ url: hub.url, token: ADMIN_TOKEN }), close: () => hub.close() };
  }

  it('is made while the hub works, for its owner only, and is a whole hub elsewhere: machines, runs, logs', async () => {
    const [told, silent] = [await recordRun('Compiling ✓\n'), await recordRun('')];
    expect(await backupHub(files(), archive)).toEqual({ logs: 1 });
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    expect((await readdir(rig.folder)).filter((name) => name.startsWith('.hub-backup'))).toEqual([]);
    await rig.client().appendLog(told, Buffer.byteLength('Compiling ✓\n'), Buffer.from('later\n'));

    const elsewhere = join(rig.folder, 'elsewhere');
    expect(await restoreHub(files(elsewhere), archive)).toEqual({ logs: 1, before: null });
    const { client, close } = await startAt(elsewhere);
    expect(await client.listMachines()).toMatchObject([{ name: 'm1' }]);
    expect((await client.listRuns()).runs.map(({ id }) => id)).toEqual([silent, told]);
    expect(await text(await client.runLog(told))).toBe('Compiling ✓\n');
    expect(await client.appendLog(told, Buffer.byteLength('Compiling ✓\n'), Buffer.from('on\n'))).toBe(17);
    await close();
  });

  it('overwrites no file, and needs a database', async () => {
    await writeFile(archive, 'mine');
    await expect(backupHub(files(), archive)).rejects.toMatchObject({ code: 'hub-backup-target' });
    expect(await readFile(archive, 'utf8')).toBe('mine');
    const nowhere = backupHub(files('/nowhere'), join(rig.folder, 'b'));
    await expect(nowhere).rejects.toMatchObject({ code: 'hub-backup-target' });
  });

  describe('that is none', () => {
    /** A compressed archive of these members. */
    async function archiveOf(members: Record<string, Buffer | string>): Promise<void> {
      const tar = pack();
      for (const [name, content] of Object.entries(members)) tar.entry({ name }, content);
      tar.finalize();
      await pipeline(tar, createGzip(), createWriteStream(archive));
    }
    const database = () => {
      const file = join(rig.folder, 'newer.db');
      const newer = new LibsqlDatabase(file);
      newer.exec('PRAGMA user_version = 99');
      newer.close();
      return readFile(file);
    };

    // SQLite removes its -wal and -shm some time after the last connection was closed.
    const stateFiles = async () => (await readdir(rig.folder)).filter((name) => !/-(wal|shm)$/.test(name)).sort();

    it.each<[string, () => Promise<void>, string]>([
      ['not there', () => Promise.resolve(), 'hub-backup-unreadable'],
      ['a text', () => writeFile(archive, 'hello'), 'hub-backup-unreadable'],
      ['without a database', () => archiveOf({ 'run-logs/a-1.log': 'x' }), 'hub-backup-unreadable'],
      ['with a file that leads out', () => archiveOf({ '../escape': 'x' }), 'hub-backup-unreadable'],
      ['with a database that is none', () => archiveOf({ 'hub.db': 'x'.repeat(5000) }), 'hub-backup-unreadable'],
      ['of a newer release', async () => archiveOf({ 'hub.db': await database() }), 'hub-database-too-new'],
      [
        'cut off',
        async () => {
          await recordRun('log\n'.repeat(5000));
          await backupHub(files(), archive);
          const whole = await readFile(archive);
          await writeFile(archive, whole.subarray(0, whole.length - 200));
        },
        'hub-backup-unreadable',
      ],
    ])('is refused when it is %s, and nothing has changed', async (_case, make, code) => {
      await make();
      await rig.hub.close();
      const before = await stateFiles();
      await expect(restoreHub(files(), archive)).rejects.toMatchObject({ code });
      expect(await stateFiles()).toEqual(before);
      const { client, close } = await startAt(rig.folder);
      expect(await client.listMachines()).toMatchObject([{ name: 'm1' }]);
      await close();
    });
  });
});

describe('a hub in a process of its own', () => {
  const program = new HubProgram();
  let folder: string;
  let archive: string;
  beforeEach(async () => {
    folder = await makeTemporaryFolder(join(tmpdir(), 'hub-'));
    archive = join(folder, 'copy.tar.gz');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function start(): Promise<{ client: HubClient; end: (signal: NodeJS.Signals) => Promise<void> }> {
    const { process: hub, url } = await program.start('serve', '--state', folder, '--port', '0');
    const token = (await readFile(join(folder, 'admin-token'), 'utf8')).trim();
    const end = async (signal: NodeJS.Signals) => {
      hub.kill(signal);
      await once(hub, 'exit');
    };
    return { client: new HubClient({ url, token }), end };
  }

  const run = (command: 'backup' | 'restore') =>
    promisify(execFile)(process.execPath, [program.file, command, '--state', folder, archive]);

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'is left alone while it runs; after %s what it had is moved aside, and the backup is there',
    async (signal) => {
      const { client, end } = await start();
      await client.register(registration('m1'));
      await run('backup');
      await client.register(registration('m2'));
      await expect(run('restore')).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('a hub works on'),
      });
      expect(await client.listMachines()).toHaveLength(2);
      await end(signal);
      await run('restore');
      const [aside = ''] = (await readdir(folder)).filter((name) => name.startsWith('before-restore-'));
      expect(await readdir(join(folder, aside))).toEqual(['hub.db', 'run-logs']);
      const again = await start();
      expect(await again.client.listMachines()).toMatchObject([{ name: 'm1' }]);
      await again.end('SIGTERM');
    },
    60_000,
  );

  it('brings no lease of then back, and has machines register anew, who have seen later fences', async () => {
    const { client, end } = await start();
    const { id } = await client.register(registration('m1'));
    const lease = await client.acquireLease({ label: 'x' });
    await run('backup');
    await lease.release();
    await end('SIGTERM');
    await run('restore');
    const { client: restored, end: endRestored } = await start();
    expect((await restored.queue()).leases).toEqual([]);
    await expect(restored.heartbeat(id, heartbeat('m1', Date.now()))).rejects.toMatchObject({ status: 404 });
    await restored.register(registration('m1'));
    await (await restored.acquireLease({ label: 'y' })).release();
    await endRestored('SIGTERM');
  });
});
