import { lanInterfaces, type Interfaces } from './network-suggestions.js';

const ipv4 = (address: string, internal = false) => ({
  address,
  netmask: '255.255.255.0',
  family: 'IPv4' as const,
  mac: '00:00:00:00:00:00',
  internal,
  cidr: `${address}/24`,
});

describe('the addresses that the vm generator suggests', () => {
  it('prefer private LAN addresses and leave out loopback, link-local and container bridges', () => {
    const interfaces: Interfaces = {
      lo: [ipv4('127.0.0.1', true)],
      docker0: [ipv4('172.17.0.1')],
      ppp0: [ipv4('203.0.113.9')],
      eth0: [ipv4('169.254.3.4'), ipv4('192.168.1.20')],
      wlan0: [ipv4('10.1.2.3')],
    };
    expect(lanInterfaces(interfaces)).toEqual([
      { name: 'eth0', address: '192.168.1.20' },
      { name: 'wlan0', address: '10.1.2.3' },
      { name: 'ppp0', address: '203.0.113.9' },
    ]);
  });

  it.each([
    ['172.15.0.1', false],
    ['172.16.0.1', true],
    ['172.31.255.1', true],
    ['172.32.0.1', false],
  ])('count %s as private: %s', (address, isPrivate) => {
    const [first] = lanInterfaces({ a: [ipv4('203.0.113.1')], b: [ipv4(address)] });
    expect(first?.name === 'b').toBe(isPrivate);
  });

  it('are none on a computer without a network', () => {
    expect(lanInterfaces({ lo: [ipv4('127.0.0.1', true)] })).toEqual([]);
  });
});
