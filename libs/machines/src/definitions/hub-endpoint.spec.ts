import { CatalogMapping, MachineDefinition } from '@build-machines/protocol';
import { hubEndpoint, registersElsewhere } from './hub-endpoint.js';

const services = { relay: 12220, hub: 8000 };
const machine = (hub: object) => ({
  definition: MachineDefinition.parse({ name: 'box', provider: 'sandbox', hub }),
  services,
});

describe('the hub that a machine registers at', () => {
  it('is the embedded one, which needs no mapping', () => {
    expect(hubEndpoint(machine({}))).toEqual({ host: 'localhost', port: 8000, path: '', catalog: null });
  });

  it.each([
    ['http://localhost:8001', 'localhost', 8001, ''],
    ['http://127.0.0.1:8001/', 'localhost', 8001, ''],
    ['http://[::1]:8001', 'localhost', 8001, ''],
    ['http://hub.lan', 'hub.lan', 80, ''],
    ['http://hub.lan:8000/state/', 'hub.lan', 8000, '/state'],
  ])('is the existing one at %s, as the relay sees it', (url, host, port, path) => {
    expect(hubEndpoint(machine({ url }))).toEqual({ host, port, path, catalog: CatalogMapping.parse({}) });
  });

  it('comes with its mapping', () => {
    const { catalog } = hubEndpoint(machine({ url: 'http://hub.lan', catalog: { registerPath: '/agents' } }));
    expect(catalog).toMatchObject({ registerPath: '/agents', listPath: '/capability-catalog/' });
  });

  it('is the embedded one where the named one speaks TLS, and that is said', () => {
    const tls = machine({ url: 'https://hub.lan' });
    expect(hubEndpoint(tls)).toMatchObject({ port: 8000, catalog: null });
    expect(registersElsewhere(tls)).toContain('box registers at the embedded hub');
    expect(registersElsewhere(machine({ url: 'http://hub.lan' }))).toBeNull();
  });
});
