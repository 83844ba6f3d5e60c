import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { HubClient } from '../client/hub-client.js';
import { HubProgram } from '../testing/hub-process.js';
import { registration } from '../testing/hub-rig.js';

/** What the hub has acknowledged, and must therefore still know after any crash. */
class Acknowledged {
  readonly machines = new Map<string, number>();
  readonly leases = new Map<string, number>();
  readonly released = new Set<string>();
  readonly logs = new Map<string, number>();
  readonly finished = new Set<string>();
  readonly cached = new Set<string>();

  get writes(): number {
    return (
      this.machines.size +
      this.leases.size +
      this.released.size +
      this.logs.size +
      this.finished.size +
      this.cached.size
    );
  }
}

describe('the hub as a program', () => {
  const program = new HubProgram();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const admin = async (url: string) =>
    new HubClient({ url, token: (await readFile(join(folder, 'admin-token'), 'utf8')).trim() });

  it('makes its own admin token, readable by its owner only, and ends by itself when told to', async () => {
    const { process: hub, url } = await program.start('serve', '--state', folder, '--port', '0');
    await (await admin(url)).listTokens();
    expect((await stat(join(folder, 'admin-token'))).mode & 0o777).toBe(0o600);
    hub.kill('SIGTERM');
    expect(await once(hub, 'exit')).toEqual([0, null]);
  });

  it.each([
    [['serve'], 2, '--state is missing'],
    [['serve', '--state', 'absent', '--colour'], 2, 'Unknown option'],
    [['serve', '--state', 'absent', '--host', '0.0.0.0'], 1, 'without TLS'],
    [['serve', '--state', 'file'], 1, 'cannot keep its state in'],
    [['serve', '--state', 'file/below'], 1, 'cannot keep its state in'],
    [['backup', '--state', 'absent', 'copy'], 1, 'there is no hub database'],
  ])('explains what is wrong with %j, and makes nothing', async (args, code, message) => {
    const cwd = await mkdtemp(join(folder, 'wrong-'));
    await writeFile(join(cwd, 'file'), 'not a folder');
    const failure: unknown = await promisify(execFile)(process.execPath, [program.file, ...args], { cwd }).catch(
      (error: unknown) => error,
    );
    expect(await readdir(cwd)).toEqual(['file']);
    expect(failure).toMatchObject({ code, stderr: expect.stringContaining(message) });
    expect((failure as { stderr: string }).stderr).not.toContain('    at ');
  });

  it('loses nothing that it acknowledged, however often it is killed under load', async () => {
    const told = new Acknowledged();
    for (let round = 0; round < 4; round += 1) {
      const { process: hub, url } = await program.start('serve', '--state', folder, '--port', '0');
      const client = await admin(url);
      await check(client, told);
      const load = Promise.allSettled(Array.from({ length: 4 }, (_, worker) => work(client, told, `w${worker}`)));
      const before = told.writes;
      while (told.writes < before + 40 + round * 7) await new Promise((resolve) => setTimeout(resolve, 1));
      hub.kill('SIGKILL');
      await once(hub, 'exit');
      await load;
    }
    const { process: hub, url } = await program.start('serve', '--state', folder, '--port', '0');
    await check(await admin(url), told);
    hub.kill('SIGTERM');
    await once(hub, 'exit');
    expect(told.writes).toBeGreaterThan(200);
  }, 180_000);

  /** Writes all kinds of things until the hub is dead. What is noted was acknowledged. */
  async function work(client: HubClient, told: Acknowledged, worker: string): Promise<never> {
    for (;;) {
      const slots = 1 + told.writes;
      await client.register(registration(worker, { slots }));
      told.machines.set(worker, slots);
      const ticket = await client.requestLease({
        id: randomUUID(),
        label: 'x',
        lease_seconds: 3600,
        requirements: { machine: worker },
      });
      if (ticket.status === 'granted') {
        told.leases.set(ticket.lease.id, ticket.lease.fence);
        if (told.writes % 2 === 0) {
          const { id } = ticket.lease;
          told.leases.delete(id); // From here on its fate is open until the answer comes.
          await client.releaseLease(id);
          told.released.add(id);
        }
      }
      const id = randomUUID();
      await client.startRun({ id, label: 'x', machine: worker });
      told.logs.set(id, await client.appendLog(id, 0, Buffer.from('x'.repeat(1 + (told.writes % 5000)))));
      await client.finishRun(id, { outcome: 'succeeded' });
      told.finished.add(id);
      const hash = id.replaceAll('-', '');
      await putCache(client, hash);
      told.cached.add(hash);
    }
  }

  async function check(client: HubClient, told: Acknowledged): Promise<void> {
    const machines = new Map((await client.listMachines()).map(({ name, slots }) => [name, slots]));
    for (const [name, slots] of told.machines) expect(machines.get(name)).toBeGreaterThanOrEqual(slots);
    const leases = new Map((await client.queue()).leases.map((lease) => [lease.id, lease]));
    for (const [id, fence] of told.leases) expect(leases.get(id)).toMatchObject({ fence });
    for (const id of told.released) expect(leases.has(id)).toBe(false);
    const slotsTaken = [...leases.values()].map(({ machine, slot }) => `${machine} ${slot}`);
    expect(new Set(slotsTaken).size).toBe(slotsTaken.length);
    for (const [id, length] of told.logs) expect((await text(await client.runLog(id))).length).toBe(length);
    for (const id of told.finished) expect(await client.run(id)).toMatchObject({ outcome: 'succeeded' });
    for (const hash of told.cached) expect(await getCache(client, hash)).toBe(hash.repeat(100));
  }

  async function putCache(client: HubClient, hash: string): Promise<void> {
    const token = (await readFile(join(folder, 'admin-token'), 'utf8')).trim();
    const answer = await fetch(`${client.url}/v1/cache/${hash}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      body: hash.repeat(100),
    });
    if (answer.status !== 200) throw new Error(`the cache answered ${answer.status}`);
  }

  async function getCache(client: HubClient, hash: string): Promise<string> {
    const token = (await readFile(join(folder, 'admin-token'), 'utf8')).trim();
    return (await fetch(`${client.url}/v1/cache/${hash}`, { headers: { authorization: `Bearer ${token}` } })).text();
  }
});
