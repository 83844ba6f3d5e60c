import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { addProjectConfiguration, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { parseMachine } from '@build-machines/machines';
import type { Asker } from '../asking/ask.js';
import { readRegistry } from '../machine-files/tree-registry.js';
import { createMachine } from './generator.js';
import type { VmGeneratorSchema } from './schema.js';

const workstation = { cpus: 8, interfaces: [{ name: 'eth0', address: '192.168.1.20' }] };

const create = (tree: Tree, options: VmGeneratorSchema, asker?: Asker) =>
  createMachine(tree, { skipFormat: true, ...options }, workstation, asker);

const definition = (tree: Tree, name: string) =>
  parseMachine(`machines/${name}/machine.yml`, tree.read(`machines/${name}/machine.yml`, 'utf8') ?? '').value;

describe('nx g build-machines:vm', () => {
  let tree: Tree;

  beforeEach(() => {
    tree = createTreeWithEmptyWorkspace();
  });

  it('fills what was not said with the values of this computer, and asks nobody', async () => {
    await create(tree, { name: 'haskell-build', provider: 'virtualbox' });
    expect(definition(tree, 'haskell-build')).toMatchObject({
      name: 'haskell-build',
      provider: 'virtualbox',
      relay: { kind: 'embedded', host: '192.168.1.20' },
      toolchains: { ghc: ['9.8.4', '9.6.6'], cabal: '3.16.1.0' },
      resources: { cpus: 4, memoryMiB: 8192, diskGiB: 64 },
      network: { mode: 'bridged', interface: 'eth0' },
    });
    expect(readRegistry(tree).machines).toEqual({ 'haskell-build': 12221 });
  });

  it('keeps every option that was given', async () => {
    await create(tree, {
      name: 'big',
      provider: 'qemu',
      cpus: 16,
      memory: 32768,
      disk: 200,
      network: 'bridged',
      bridgedInterface: 'br0',
      ghc: ['9.10.1'],
      cabal: '3.14.1.1',
      stack: '3.1.1',
      hls: '2.9.0.1',
      packages: ['libpq-dev', 'libsodium-dev'],
      relay: 'system',
      relayHost: 'workstation.lan',
      hubUrl: 'http://hub.lan:8000',
      labels: ['size=big', 'note=a=b'],
      slots: 3,
      image: '/images/big.ova',
    });
    expect(definition(tree, 'big')).toEqual({
      name: 'big',
      provider: 'qemu',
      relay: { kind: 'system', host: 'workstation.lan' },
      hub: { url: 'http://hub.lan:8000' },
      toolchains: { ghc: ['9.10.1'], cabal: '3.14.1.1', stack: '3.1.1', hls: '2.9.0.1' },
      packages: ['libpq-dev', 'libsodium-dev'],
      labels: { size: 'big', note: 'a=b' },
      slots: 3,
      resources: { cpus: 16, memoryMiB: 32768, diskGiB: 200 },
      network: { mode: 'bridged', interface: 'br0' },
      tunnel: true,
      sudo: false,
      image: '/images/big.ova',
    });
    expect(tree.read('machines/big/packer.auto.pkrvars.hcl', 'utf8')).toContain(
      [
        'vm_name        = "big"',
        'cpus           = 16',
        'memory_mib     = 32768',
        'disk_gib       = 200',
        'ghc_versions   = ["9.10.1"]',
        'cabal_version  = "3.14.1.1"',
        'stack_version  = "3.1.1"',
        'hls_version    = "2.9.0.1"',
        'extra_packages = ["libpq-dev", "libsodium-dev"]',
      ].join('\n'),
    );
  });

  it('asks for what is missing, with suggestions, and only for that', async () => {
    const asked: string[] = [];
    const asker: Asker = {
      text: (question, suggestion) => {
        asked.push(`${question} (${suggestion})`);
        return Promise.resolve(question.includes('memory') ? '4096' : suggestion);
      },
      choose: () => Promise.reject(new Error('there is just one interface to choose')),
    };
    await create(tree, { name: 'vm', provider: 'virtualbox', cpus: 2, disk: 32 }, asker);
    expect(asked).toEqual([
      'How much memory, in MiB? (8192)',
      'Which GHC versions? The first is the default. (9.8.4, 9.6.6)',
      'Under which address does the machine reach this workstation? (192.168.1.20)',
    ]);
    expect(definition(tree, 'vm').resources).toEqual({ cpus: 2, memoryMiB: 4096, diskGiB: 32 });
  });

  it('lets the interface be chosen where there are several', async () => {
    const two = { cpus: 2, interfaces: [...workstation.interfaces, { name: 'wlan0', address: '10.0.0.5' }] };
    const asker: Asker = {
      text: (_, suggestion) => Promise.resolve(suggestion),
      choose: (_, choices) => Promise.resolve(choices.at(-1)?.value ?? ''),
    };
    await createMachine(tree, { name: 'vm', provider: 'virtualbox', skipFormat: true }, two, asker);
    expect(definition(tree, 'vm').network.interface).toBe('wlan0');
  });

  it('gives ten machines ten ports, and refuses the eleventh with the file to widen', async () => {
    for (let index = 0; index < 10; index++) await create(tree, { name: `box${index}`, provider: 'sandbox' });
    expect(new Set(Object.values(readRegistry(tree).machines)).size).toBe(10);
    const eleventh = create(tree, { name: 'one-more', provider: 'sandbox' });
    await expect(eleventh).rejects.toThrow(/no port is left for machine "one-more".*\n.*port-registry\.yml/);
    expect(tree.exists('machines/one-more/machine.yml')).toBe(false);
  });

  it('keeps the comments of the registry', async () => {
    tree.write(
      'port-registry.yml',
      'range: { first: 30000, last: 30009 } # ours\nservices: { relay: 30100, hub: 30101 }\nmachines:\n  old: 30000 # keep me\n',
    );
    await create(tree, { name: 'next', provider: 'sandbox' });
    expect(tree.read('port-registry.yml', 'utf8')).toBe(
      'range: { first: 30000, last: 30009 } # ours\nservices: { relay: 30100, hub: 30101 }\nmachines:\n  old: 30000 # keep me\n  next: 30001\n',
    );
  });

  it('adopts a host over SSH, without a port where there is no tunnel', async () => {
    await create(tree, { name: 'near', provider: 'ssh', host: 'me@box.lan:2222', tunnel: false });
    expect(definition(tree, 'near')).toMatchObject({ host: 'me@box.lan:2222', tunnel: false, toolchains: { ghc: [] } });
    expect(readRegistry(tree).machines).toEqual({});
    await create(tree, { name: 'far', provider: 'ssh', host: 'box2.lan' });
    expect(readRegistry(tree).machines).toEqual({ far: 12221 });
  });

  it('needs a host for ssh', async () => {
    await expect(create(tree, { name: 'box', provider: 'ssh' })).rejects.toThrow(/--host is needed/);
  });

  it('needs a relay address where this computer has none to suggest', async () => {
    const alone = createMachine(tree, { name: 'vm', provider: 'virtualbox' }, { cpus: 2, interfaces: [] }, undefined);
    await expect(alone).rejects.toThrow(/--relayHost is needed/);
  });

  it('refuses an option that means nothing for the provider', async () => {
    await expect(create(tree, { name: 'vm', provider: 'sandbox', memory: 4096 })).rejects.toThrow(
      '--memory has no meaning for a machine of provider sandbox [option-for-other-provider]\nLeave --memory out, or choose --provider=virtualbox or --provider=qemu.',
    );
  });

  it('refuses a name that a machine or a project has', async () => {
    await create(tree, { name: 'vm', provider: 'sandbox' });
    await expect(create(tree, { name: 'vm', provider: 'sandbox' })).rejects.toThrow(/remove-vm vm/);
    addProjectConfiguration(tree, 'app', { root: 'apps/app' });
    await expect(create(tree, { name: 'app', provider: 'sandbox' })).rejects.toThrow(
      /the project in apps\/app is called "app" already/,
    );
  });

  it('names every option that does not make a machine', async () => {
    await expect(
      create(tree, { name: 'vm', provider: 'sandbox', ghc: ['latest'], labels: ['Size=big'] }),
    ).rejects.toThrow(/toolchains\.ghc\.0: must be an exact version[\s\S]*labels/);
  });

  it('writes a machine.yml that Prettier leaves alone', async () => {
    await create(tree, { name: 'vm', provider: 'virtualbox', labels: ['size=big'], packages: ['libpq-dev'] });
    const text = tree.read('machines/vm/machine.yml', 'utf8') ?? '';
    const prettier = join(dirname(require.resolve('prettier/package.json')), 'bin', 'prettier.cjs');
    const formatted = execFileSync(process.execPath, [prettier, '--no-config', '--stdin-filepath', 'machine.yml'], {
      input: text,
      encoding: 'utf8',
    });
    expect(formatted).toBe(text);
  });
});
