import { MachineDefinition } from '@build-machines/protocol';
import { relayAddress } from './relay-address.js';

const machine = (given: object): MachineDefinition => MachineDefinition.parse({ name: 'box', ...given });
const nat = { mode: 'nat' };

describe('the address of the embedded relay', () => {
  it.each([
    ['a sandbox', { provider: 'sandbox' }, '127.0.0.1'],
    ["a VM behind QEMU's network", { provider: 'qemu', network: nat }, '127.0.0.1'],
    ['a VM of QEMU that says nothing of its network', { provider: 'qemu' }, '127.0.0.1'],
    ['a VM of QEMU that is told the usual address', { provider: 'qemu', relay: { host: '10.0.2.2' } }, '127.0.0.1'],
    ['a VM of QEMU that is told another address', { provider: 'qemu', relay: { host: '192.168.1.5' } }, '0.0.0.0'],
    ['a VM of VirtualBox', { provider: 'virtualbox', network: nat }, '0.0.0.0'],
    ['a host with a tunnel', { provider: 'ssh', host: 'a', relay: { host: '10.0.0.2' } }, '0.0.0.0'],
    ['a host that is this computer', { provider: 'ssh', host: 'a', relay: { host: 'localhost' } }, '127.0.0.1'],
    ['a host that is reached directly', { provider: 'ssh', host: 'a', tunnel: false }, '127.0.0.1'],
    [
      "a machine that uses the workstation's own sshd",
      { provider: 'virtualbox', relay: { kind: 'system' } },
      '127.0.0.1',
    ],
  ])('for %s', (_, given, address) => {
    expect(relayAddress([machine(given)])).toBe(address);
  });

  it('is open when one of several machines needs it so', () => {
    const machines = [machine({ provider: 'sandbox' }), machine({ provider: 'virtualbox' })];
    expect(relayAddress(machines)).toBe('0.0.0.0');
    expect(relayAddress([])).toBe('127.0.0.1');
  });
});
