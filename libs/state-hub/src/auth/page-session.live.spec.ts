import { request } from 'undici';
import type { PageSessionAnswer } from '../api/page-sessions.js';
import { HubRig } from '../testing/hub-rig.js';

describe('opening the page', () => {
  let rig: HubRig;
  beforeEach(async () => {
    rig = await HubRig.start();
  });
  afterEach(() => rig.close());

  /** Exchanges a code as the page does. */
  const exchange = async (code: string) => {
    const { statusCode, body } = await request(`${rig.url}/page/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: rig.url, 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ code }),
    });
    return { status: statusCode, body: (await body.json()) as PageSessionAnswer & { code?: string } };
  };
  const opened = async () => {
    const { code } = await rig.client().makePageCode();
    return { code, token: (await exchange(code)).body.token };
  };

  it('gives a token that reads, and does nothing else', async () => {
    const { token } = await opened();
    expect((await rig.client(token).listRuns()).runs).toEqual([]);
    await expect(rig.client(token).acquireLease({ label: 'x' })).rejects.toMatchObject({ status: 403 });
    await expect(rig.client(token).listTokens()).rejects.toMatchObject({ status: 403 });
  });

  it('reads in the name of whoever opened it', async () => {
    const ada = (await rig.client().createToken({ role: 'user', name: 'ada' })).token;
    const { body } = await exchange((await rig.client(ada).makePageCode()).code);
    await expect(rig.client(body.token).listTokens()).rejects.toMatchObject({
      message: expect.stringContaining('the read-only token "ada"'),
    });
  });

  it('works once: a code that comes twice was read by somebody, and ends what it gave', async () => {
    const { code, token } = await opened();
    expect(await exchange(code)).toMatchObject({ status: 403, body: { code: 'page-code-refused' } });
    await expect(rig.client(token).listRuns()).rejects.toMatchObject({ status: 401 });
  });

  it('opens no other page: it would never end', async () => {
    const { token } = await opened();
    await expect(rig.client(token).makePageCode()).rejects.toMatchObject({ status: 403, code: 'access-denied' });
  });

  it.each(['revoked', 'replaced'])('ends with the token of whoever opened it, %s', async (how) => {
    const admin = rig.client();
    const ada = await admin.createToken({ role: 'user', name: 'ada' });
    const { body: hers } = await exchange((await rig.client(ada.token).makePageCode()).code);
    const { token: other } = await opened();
    if (how === 'revoked') await admin.revokeToken(ada.id);
    else await admin.createToken({ role: 'user', name: 'ada', replace: true });
    await expect(rig.client(hers.token).listRuns()).rejects.toMatchObject({ status: 401 });
    await rig.client(other).listRuns();
  });

  it('works within a minute, and for a day’s work', async () => {
    const { code } = await rig.client().makePageCode();
    rig.passSeconds(61);
    expect((await exchange(code)).status).toBe(403);
    const { token } = await opened();
    rig.passSeconds(11 * 3600);
    await rig.client(token).listRuns();
    rig.passSeconds(3601);
    await expect(rig.client(token).listRuns()).rejects.toMatchObject({ status: 401 });
  });

  it('outlives a restart of the hub, and is no token to be listed', async () => {
    const { token } = await opened();
    await rig.restart();
    await rig.client(token).listRuns();
    expect(await rig.client().listTokens()).toEqual([]);
  });

  it('refuses what was never made', async () => {
    expect(await exchange('guessed')).toMatchObject({ status: 403, body: { code: 'page-code-refused' } });
  });
});
