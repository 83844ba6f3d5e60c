import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { stateFolder, type StateFolder } from '@build-machines/machines';
import { readRegistry } from '../machine-files/tree-registry.js';
import { removeMachine } from './generator.js';

describe('nx g build-machines:remove-vm', () => {
  let tree: Tree;
  let home: string;
  let state: StateFolder;
  let server: Server | undefined;

  const define = (name: string, port: number) => {
    tree.write(`machines/${name}/machine.yml`, `name: ${name}\nprovider: sandbox\n`);
    tree.write(`machines/${name}/packer.auto.pkrvars.hcl`, '');
    tree.write(
      'port-registry.yml',
      `range: { first: 1024, last: 65000 }\nservices: { relay: 1, hub: 2 }\nmachines:\n  ${name}: ${port}\n  other: 1024\n`,
    );
  };

  const remove = (name: string, force = false) => removeMachine(tree, { name, force, skipFormat: true }, state);

  beforeEach(async () => {
    tree = createTreeWithEmptyWorkspace();
    home = await mkdtemp(join(tmpdir(), 'rm-vm-'));
    state = stateFolder({ BUILD_MACHINES_HOME: home });
  });

  afterEach(async () => {
    await rm(home, { recursive: true });
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    server = undefined;
  });

  const freePort = async (): Promise<number> => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  };

  it('removes the folder and frees the port', async () => {
    define('vm', await freePort());
    await remove('vm');
    expect(tree.exists('machines/vm')).toBe(false);
    expect(readRegistry(tree).machines).toEqual({ other: 1024 });
  });

  it('leaves what the user put into the folder', async () => {
    define('vm', await freePort());
    tree.write('machines/vm/notes.md', 'mine');
    await remove('vm');
    expect(tree.children('machines/vm')).toEqual(['notes.md']);
  });

  it.each(['../apps', '.', '', 'vm/../../apps'])('takes %j for no machine', async (name) => {
    define('vm', await freePort());
    tree.write('apps/machine.yml', 'mine');
    await expect(remove(name)).rejects.toThrow();
    expect([tree.exists('apps/machine.yml'), tree.exists('machines/vm/machine.yml')]).toEqual([true, true]);
  });

  it('refuses while the tunnel is up, unless forced', async () => {
    server = createServer();
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    define('vm', port);
    await expect(remove('vm')).rejects.toThrow(
      new RegExp(`machine "vm" is up: its tunnel listens on port ${port}.*\n.*nx run vm:destroy`),
    );
    expect(tree.exists('machines/vm/machine.yml')).toBe(true);
    await remove('vm', true);
    expect(tree.exists('machines/vm')).toBe(false);
  });

  it('refuses while this workstation can reach the machine', async () => {
    define('vm', await freePort());
    await mkdir(state.machine('vm'), { recursive: true });
    await writeFile(join(state.machine('vm'), 'access.json'), '{}');
    await expect(remove('vm')).rejects.toThrow(/access record/);
  });

  it('finishes a removal that was interrupted', async () => {
    define('vm', await freePort());
    tree.delete('machines/vm');
    await remove('vm');
    expect(readRegistry(tree).machines).toEqual({ other: 1024 });
  });

  it('names the machines that there are when asked for another', async () => {
    define('vm', await freePort());
    await expect(remove('vmm')).rejects.toThrow(/there is no machine "vmm"[\s\S]*Did you mean "vm"\?/);
  });
});
