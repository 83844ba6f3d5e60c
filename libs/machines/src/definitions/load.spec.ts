import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineDefinitionJsonSchema } from './json-schema.js';
import { inspectMachines } from './list.js';
import { loadMachine, parseMachine } from './load.js';

const REGISTRY = `range: { first: 12221, last: 12230 }
services: { relay: 12220, hub: 8000 }
machines:
  box: 12221
`;

const errorOf = (text: string): { message: string; hint: string } => {
  try {
    parseMachine('machines/box/machine.yml', text);
  } catch (error) {
    return error as { message: string; hint: string };
  }
  throw new Error('the definition was accepted');
};

describe('machine.yml', () => {
  it('fills in the defaults', () => {
    const { value } = parseMachine('machines/box/machine.yml', 'name: box\nprovider: sandbox\n');
    expect(value).toMatchObject({ slots: 1, relay: { kind: 'embedded' }, toolchains: { ghc: [] } });
  });

  it('reports unknown keys at every depth with line and the nearest key', () => {
    const { message, hint } = errorOf('name: box\nprovider: sandbox\nslot: 2\nresources:\n  cpu: 2\n');
    expect(message).toBe(
      'machines/box/machine.yml:3:1: unknown key "slot"\n' +
        'machines/box/machine.yml:5:3: unknown key "cpu" in "resources"',
    );
    expect(hint).toMatch(/Did you mean "slots"\?.*\n.*Did you mean "cpus"\?/);
  });

  it('reports every mistake of one file at once', () => {
    const { message } = errorOf('name: Box\nprovider: vmware\nslots: 0\n');
    expect(message.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'machines/box/machine.yml:1:1:',
      'machines/box/machine.yml:2:1:',
      'machines/box/machine.yml:3:1:',
    ]);
  });

  it('says which values are allowed', () => {
    const { message, hint } = errorOf('name: box\nprovider: vmware\n');
    expect(message).toContain('"provider" has a value that is not allowed: "vmware"');
    expect(hint).toContain('sandbox, qemu, virtualbox, ssh');
  });

  it('says what is missing', () => {
    expect(errorOf('provider: sandbox\n').message).toBe('machines/box/machine.yml:1:1: "name" is missing');
    const { message, hint } = errorOf('name: box\n');
    expect(message).toBe('machines/box/machine.yml:1:1: "provider" is missing');
    expect(hint).toBe('Add "provider: …" here: one of sandbox, qemu, virtualbox, ssh.');
  });

  it('explains that versions are quoted', () => {
    expect(errorOf('name: box\nprovider: sandbox\ntoolchains:\n  ghc: [9.8]\n').message).toMatch(/:4:9: /);
  });

  it('refuses a name that differs from the folder', () => {
    const { message, hint } = errorOf('name: other\nprovider: sandbox\n');
    expect(message).toContain(':1:1: the name "other" differs from the folder\'s name "box"');
    expect(hint).toContain('name: box');
  });

  it.each([
    ['name: box\nprovider: ssh\n', 'needs the host'],
    ['name: box\nprovider: ssh\nhost: "-oProxyCommand=x"\n', 'not an SSH destination'],
    ['name: box\nprovider: qemu\nhost: a\n', 'no use for "host"'],
    ['name: box\nprovider: sandbox\nsudo: true\n', 'no use for "sudo"'],
    ['name: box\n  provider: qemu\n', 'machine.yml:1:7: Nested mappings'],
    ['name: box\nprovider: qemu\nhub:\n  catalog: { listPath: /a }\n', 'machine.yml:4:3: "hub.catalog" describes'],
    ['name: box\nprovider: qemu\nhub:\n  url: ftp://hub\n', 'machine.yml:4:3: "hub.url"'],
    [
      'name: box\nprovider: qemu\nhub:\n  url: http://hub\n  catalog:\n    listpath: /a\n',
      'machine.yml:6:5: unknown key "listpath" in "hub.catalog"',
    ],
    [
      'name: box\nprovider: qemu\nhub:\n  url: http://hub\n  catalog:\n    fields: { name: title }\n',
      'machine.yml:6:15: "hub.catalog.fields.name": ',
    ],
    [
      'name: box\nprovider: qemu\nhub:\n  url: http://hub\n  catalog:\n    send: { nam: title }\n',
      'unknown key "nam" in "hub.catalog.send"',
    ],
    ['', '"name" is missing'],
  ])('refuses %j', (text, expected) => {
    expect(errorOf(text).message).toContain(expected);
  });
});

describe('machines of a workspace', () => {
  let root: string;
  const define = async (name: string, text: string) => {
    await mkdir(join(root, 'machines', name), { recursive: true });
    await writeFile(join(root, 'machines', name, 'machine.yml'), text);
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'def-'));
    await writeFile(join(root, 'port-registry.yml'), REGISTRY);
    await define('box', 'name: box\nprovider: sandbox\n');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('are loaded with their port and the service ports', async () => {
    expect(await loadMachine(root, 'box')).toMatchObject({
      definition: { name: 'box', provider: 'sandbox' },
      port: 12221,
      services: { relay: 12220, hub: 8000 },
      folder: join(root, 'machines/box'),
    });
  });

  it('suggest the name that was meant', async () => {
    await expect(loadMachine(root, 'bx')).rejects.toMatchObject({
      code: 'machine-unknown',
      hint: expect.stringContaining('Did you mean "box"?'),
    });
  });

  it('report a machine without a port with the line to write', async () => {
    await define('late', 'name: late\nprovider: qemu\n');
    await expect(loadMachine(root, 'late')).rejects.toMatchObject({
      message: expect.stringContaining('port-registry.yml:3:1: machine "late" has no port'),
      hint: expect.stringContaining('Add "late: 12222" under "machines"'),
    });
  });

  it('need no tunnel port when they are reached directly', async () => {
    await define('host', 'name: host\nprovider: ssh\nhost: me@10.0.0.7:2222\ntunnel: false\n');
    expect((await loadMachine(root, 'host')).port).toBe(2222);
  });

  it('are listed by name, and one broken definition does not hide the others', async () => {
    await define('bad', 'name: bad\nprovder: sandbox\n');
    await mkdir(join(root, 'machines', 'empty'));
    const { machines, problems } = await inspectMachines(root);
    expect(machines.map(({ definition }) => definition.name)).toEqual(['box']);
    expect(problems).toHaveLength(1);
  });

  it('are none in a workspace without machines', async () => {
    await rm(join(root, 'machines'), { recursive: true });
    expect(await inspectMachines(root)).toEqual({ machines: [], problems: [] });
  });
});

describe('the JSON schema for editors', () => {
  it('asks for a name and a provider only, and refuses unknown keys', () => {
    expect(machineDefinitionJsonSchema()).toMatchObject({
      required: ['name', 'provider'],
      additionalProperties: false,
      properties: { slots: { type: 'integer', default: 1 } },
    });
  });
});
