import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocatePort, releasePort } from './allocate.js';
import { readPortRegistry } from './read.js';

const REGISTRY = `# Ports of this workspace.

range:
    first: 30001   # first of them
    last: 30003
services: { relay: 30000, hub: 30002 } # beside the machines
machines:
    # the old one
    alpha:   30001  # do not move
    # more to come

# the end
`;

describe('allocating and releasing ports', () => {
  let root: string;
  let file: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'reg-'));
    file = join(root, 'port-registry.yml');
    await writeFile(file, REGISTRY);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('gives the lowest port that neither a machine nor a service has, and changes one line only', async () => {
    expect(await allocatePort(root, 'beta')).toBe(30003);
    expect(await readFile(file, 'utf8')).toBe(REGISTRY.replace('# do not move\n', '# do not move\n    beta: 30003\n'));
  });

  it('gives a machine the port that it has', async () => {
    expect(await allocatePort(root, 'alpha')).toBe(30001);
    expect(await readFile(file, 'utf8')).toBe(REGISTRY);
  });

  it('restores the text when the machine is released again', async () => {
    await allocatePort(root, 'beta');
    expect(await releasePort(root, 'beta')).toBe(30003);
    expect(await readFile(file, 'utf8')).toBe(REGISTRY);
    expect(await releasePort(root, 'beta')).toBeUndefined();
  });

  it('frees the last machine and allocates again in a registry without machines', async () => {
    await releasePort(root, 'alpha');
    expect(await readPortRegistry(root)).toMatchObject({ machines: {} });
    await allocatePort(root, 'gamma');
    expect(await readFile(file, 'utf8')).toContain('# the end');
    expect((await readPortRegistry(root)).machines).toEqual({ gamma: 30001 });
  });

  it.each(['machines: {}\n', 'machines: { alpha: 30001 }\n', '', 'machines:\n  alpha: 30001'])(
    'allocates where machines are written as %j',
    async (machines) => {
      await writeFile(
        file,
        `range: { first: 30001, last: 30009 }\nservices: { relay: 30000, hub: 30002 }\n${machines}`,
      );
      const port = await allocatePort(root, 'beta');
      expect((await readPortRegistry(root)).machines['beta']).toBe(port);
    },
  );

  it('names the file and the line to widen when the range is full, and who holds the ports', async () => {
    await allocatePort(root, 'beta');
    await expect(allocatePort(root, 'gamma')).rejects.toMatchObject({
      code: 'port-range-full',
      message: expect.stringMatching(/"gamma".*alpha \(30001\), beta \(30003\), hub \(30002\)/),
      hint: expect.stringContaining(`${file}:5, for example to "last: 30013"`),
    });
  });

  it('says how to get a registry where there is none', async () => {
    await rm(file);
    await expect(allocatePort(root, 'beta')).rejects.toMatchObject({ code: 'port-registry-missing' });
  });
});
