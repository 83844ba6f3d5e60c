import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { readRegistry } from '../machine-files/tree-registry.js';
import { createMachine } from '../vm/generator.js';
import syncGenerator from './generator.js';

const workstation = { cpus: 4, interfaces: [{ name: 'eth0', address: '192.168.1.20' }] };

describe('nx sync', () => {
  let tree: Tree;

  beforeEach(async () => {
    tree = createTreeWithEmptyWorkspace();
    await createMachine(tree, { name: 'vm', provider: 'virtualbox', skipFormat: true }, workstation, undefined);
  });

  it('has nothing to say of what the vm generator made', async () => {
    const before = tree.listChanges();
    expect(await syncGenerator(tree)).toEqual({});
    expect(tree.listChanges()).toEqual(before);
  });

  it('has nothing to say in a workspace without machines', async () => {
    const empty = createTreeWithEmptyWorkspace();
    expect(await syncGenerator(empty)).toEqual({});
    expect(empty.exists('port-registry.yml')).toBe(false);
  });

  it('gives a port to a machine that was written by hand, and takes those of machines that are gone', async () => {
    tree.write('machines/by-hand/machine.yml', 'name: by-hand\nprovider: sandbox\n');
    tree.delete('machines/vm');
    expect(await syncGenerator(tree)).toMatchObject({
      outOfSyncDetails: [
        'port 12221 is kept for "vm", which is not defined',
        'machine "by-hand" has no port; 12221 is free',
      ],
    });
    expect(readRegistry(tree).machines).toEqual({ 'by-hand': 12221 });
    expect(await syncGenerator(tree)).toEqual({});
  });

  it('gives no port to a host that is reached directly', async () => {
    tree.write('machines/near/machine.yml', 'name: near\nprovider: ssh\nhost: box.lan\ntunnel: false\n');
    expect(await syncGenerator(tree)).toEqual({});
  });

  it('brings the Packer variables in step with machine.yml', async () => {
    const text = tree.read('machines/vm/machine.yml', 'utf8') ?? '';
    tree.write('machines/vm/machine.yml', text.replace('"9.8.4", "9.6.6"', '"9.10.1"'));
    expect(await syncGenerator(tree)).toMatchObject({
      outOfSyncDetails: ['machines/vm/packer.auto.pkrvars.hcl differs from machine.yml'],
    });
    expect(tree.read('machines/vm/packer.auto.pkrvars.hcl', 'utf8')).toContain('ghc_versions   = ["9.10.1"]');
  });

  it('leaves a definition that is not valid to its own tasks, and its port to it', async () => {
    tree.write('machines/bad/machine.yml', 'name: bad\nprovider: sandbox\n');
    await syncGenerator(tree);
    tree.write('machines/bad/machine.yml', 'name: bad\nprovider: sandbox\nslotz: 2\n');
    const registry = tree.read('port-registry.yml', 'utf8');
    expect(registry).toContain('bad');
    expect(await syncGenerator(tree)).toEqual({});
    expect(tree.read('port-registry.yml', 'utf8')).toBe(registry);
  });
});
