import { CatalogMapping, mappedRegistration, valueAt } from './catalog-mapping.js';
import type { CapabilityRegistration } from './hub-api.js';

const registration: CapabilityRegistration = {
  ...{ capability_type: 'haskell-build-agent', name: 'm1', machine_id: 'id', tunnel_port: 12221, agent_version: '1' },
  ...{ protocol: 1, hostname: 'h', os: 'Debian', arch: 'x64', cpus: 2, memory_bytes: 1, slots: 1 },
  ...{ toolchains: [], labels: {} },
};

describe('the mapping of a catalog', () => {
  it('is what is known of a Custodian, where nothing is said', () => {
    expect(CatalogMapping.parse({})).toMatchObject({
      ...{ listPath: '/capability-catalog/', registerPath: '/capability-catalog/', typeParameter: 'capability_type' },
      send: {},
    });
    expect(mappedRegistration(registration, CatalogMapping.parse({}))).toEqual(registration);
  });

  it.each([
    [{ listPath: 'agents' }, 'must be a path'],
    [{ listPath: '/agents?type=x' }, 'without query'],
    [{ listpath: '/agents' }, 'listpath'],
    [{ fields: { nam: ['x'] } }, 'nam'],
    [{ fields: { name: [] } }, '>=1 items'],
    [{ send: { tunel_port: 'port' } }, 'tunel_port'],
    [{ send: { name: 'a..b' } }, 'single dots'],
  ])('refuses %j', (mapping, expected) => {
    const { error } = CatalogMapping.safeParse(mapping);
    expect(error?.message).toContain(expected);
  });
});

describe('a registration', () => {
  it('has its fields where another hub wants them, several in one object too', () => {
    const send = { name: 'title', tunnel_port: 'ssh.port', hostname: 'ssh.host' };
    const { name, tunnel_port: port, hostname: host, ...others } = registration;
    expect(mappedRegistration(registration, { send })).toEqual({ ...others, title: name, ssh: { port, host } });
  });

  it('changes no prototype, whatever a place is called', () => {
    mappedRegistration(registration, { send: { name: '__proto__.polluted' } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

it('finds the first place that holds something, in own fields only', () => {
  expect(valueAt({ a: null, b: { c: 0 } }, ['a', 'b.c'])).toBe(0);
  expect(valueAt({}, ['constructor', 'toString.name'])).toBeUndefined();
});
