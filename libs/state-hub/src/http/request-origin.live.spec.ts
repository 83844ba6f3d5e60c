import { request } from 'undici';
import { ADMIN_TOKEN, HubRig } from '../testing/hub-rig.js';
import { hostName } from './request-origin.js';

describe('hostName', () => {
  it.each([
    ['127.0.0.1:8000', '127.0.0.1'],
    ['LOCALHOST', 'localhost'],
    ['[::1]:8000', '[::1]'],
    ['localhost:18000', 'localhost'],
    ['evil.example', 'evil.example'],
    ['localhost@evil.example', undefined],
    ['localhost/..', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (header, name) => {
    expect(hostName(header)).toBe(name);
  });
});

describe('requests that a foreign page makes a browser send', () => {
  let rig: HubRig;
  beforeAll(async () => {
    rig = await HubRig.start();
  });
  afterAll(() => rig.close());

  const answer = async (headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') => {
    const { statusCode, body } = await request(`${rig.url}${method === 'GET' ? '/capability-catalog/' : '/tokens'}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
    });
    return { status: statusCode, body: await body.json() };
  };

  it.each([
    ['DNS rebinding: a Host that is not ours', { host: 'evil.example' }, 421, 'host-refused'],
    ['a Host that only begins like ours', { host: 'localhost.evil.example' }, 421, 'host-refused'],
    ['a foreign Origin', { origin: 'https://evil.example' }, 403, 'origin-refused'],
    ['an opaque Origin', { origin: 'null' }, 403, 'origin-refused'],
    ['an Origin on another port', { origin: 'http://127.0.0.1:1' }, 403, 'origin-refused'],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }, 403, 'origin-refused'],
  ])('refuses %s', async (_case, headers, status, code) => {
    expect(await answer(headers)).toMatchObject({ status, body: { code } });
    expect(await answer(headers, 'POST')).toMatchObject({ status, body: { code } });
  });

  it('answers its own page, and through the tunnel under another port', async () => {
    expect((await answer({ origin: rig.url, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await answer({ host: 'localhost:18000' })).status).toBe(200);
  });

  it('forbids pages to load or frame anything of others', async () => {
    const { headers } = await request(`${rig.url}/capability-catalog/`);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});
