import { mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { HubClient, type RunningHub, startHub } from '@build-machines/state-hub';
import type { Page } from 'playwright-core';
import { buildPage } from './build-page.js';
import { makeBusy } from './busy-hub.js';
import { openBrowser, type Visitor } from './chromium.js';

const ADMIN_TOKEN = 'an-admin-token-for-the-page-0123456789';
const ARTIFACTS = join(__dirname, '../.artifacts/hub-page');

const visitors: Record<string, Visitor> = {
  'desk-light': { width: 1440, height: 1000, colorScheme: 'light' },
  'desk-dark': { width: 1440, height: 1000, colorScheme: 'dark' },
  'phone-light': { width: 390, height: 844, colorScheme: 'light' },
  'phone-dark': { width: 390, height: 844, colorScheme: 'dark' },
};

describe('the page of the State Hub', () => {
  let folder: string;
  let hub: RunningHub;
  let admin: HubClient;
  let busy: Awaited<ReturnType<typeof makeBusy>>;
  const clock = { now: Date.now() - 90 * 60_000 };

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    folder = await mkdtemp(join(tmpdir(), 'hub-page-'));
    await buildPage(join(folder, 'page'));
    hub = await startHub({
      port: 0,
      databaseFile: join(folder, 'hub', 'hub.db'),
      adminToken: ADMIN_TOKEN,
      pageFolder: join(folder, 'page'),
      now: () => clock.now,
      sweepSeconds: 3600, // The hub's clock jumps while the scene is set; nothing shall be found silent by it.
    });
    admin = new HubClient({ url: hub.url, token: ADMIN_TOKEN });
    busy = await makeBusy(admin, clock);
    await fillCache(hub.url);
  }, 120_000);
  afterAll(async () => {
    await hub.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the page as a visitor and fails on anything that the browser complains of. */
  async function visit(visitor: Visitor, look: (page: Page) => Promise<void>): Promise<void> {
    const browser = await openBrowser(visitor);
    const complaints: string[] = [];
    try {
      const page = browser.context.pages()[0] ?? (await browser.context.newPage());
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(hub.url)) complaints.push(`request to ${request.url()}`);
      });
      await page.goto(await addressOf(hub));
      await look(page);
    } finally {
      await browser.close();
    }
    expect(complaints).toEqual([]);
  }

  it.each(Object.keys(visitors))('is good to look at and to everybody: %s', async (name) => {
    await visit(visitors[name]!, async (page) => {
      await page.getByText('are text').waitFor();
      await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
      const width = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, innerWidth]');
      expect(width[0]).toBeLessThanOrEqual(width[1]);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    });
  });

  it('shows each machine with its state, tunnel, tools, load and disk', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      const machine = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'haskell-build' }) });
      await machine.getByText('port 12222').waitFor();
      const text = await machine.innerText();
      for (const fact of ['ready', 'ghc 9.8.4', '2 of 2', '5.2 on 8 CPUs', '62 GiB disk free'])
        expect(text).toContain(fact);
      await page.getByText('new disk on Thursday').waitFor();
      expect(await page.locator('.machine.gone h3').innerText()).toBe('old-laptop');
    });
  });

  it('shows who waits, where and about how long', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      const queue = page.locator('.queue li');
      await queue.first().waitFor();
      expect(await queue.count()).toBe(2);
      const text = await queue.first().innerText();
      expect(text).toContain('parser:remote-build ada');
      expect(text).toMatch(/haskell-test is busy with \w+ \(web:remote-build\)/);
      expect(text).toMatch(/about \d+/);
    });
  });

  it('shows in charts how long runs took and how often the remote cache had what was asked for', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      const durations = page.getByRole('img', { name: 'Durations of 34 runs' });
      await durations.waitFor();
      expect(await durations.locator('rect').count()).toBe(34);
      expect(await durations.locator('rect.failed').count()).toBe(3);
      await page.getByRole('img', { name: '30 hits of 40 requests' }).waitFor();
      await page.getByText('75 % hits of 40').waitFor();
      await durations.locator('rect.failed').last().click();
      await page.getByText('GHC-83865').first().waitFor();
    });
  });

  it('shows what a build prints as it prints it, with its colours, and as text only', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      await page.getByText('[ 3 of 14] Compiling Core.Größe').waitFor();
      expect(await page.locator('.log .ansi-magenta-fg').count()).toBeGreaterThan(0);
      expect(await page.locator('.log img, .log b').count()).toBe(0);
      expect(await page.title()).toBe('State Hub');
      await busy.print('[ 4 of 14] Compiling Core.Live\n');
      await page.getByText('[ 4 of 14] Compiling Core.Live').waitFor();
    });
  });

  it('notices by itself what changes', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      await page.getByText('Live', { exact: true }).waitFor();
      await admin.setMachineMode('haskell-bench', { mode: 'maintenance', note: 'the disk is in' });
      await page.getByText('the disk is in').waitFor();
    });
  });

  it('can be used with the keyboard alone', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      await page.locator('tbody tr').first().waitFor();
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toContain('Skip to the machines');
      await page.keyboard.press('Enter');
      const failed = page
        .locator('tr', { has: page.getByText('failed') })
        .first()
        .getByRole('link');
      await failed.focus();
      await page.keyboard.press('Enter');
      await page.getByText('Couldn’t match type', { exact: false }).or(page.getByText('GHC-83865')).first().waitFor();
      expect(page.url()).toMatch(/#run\/[0-9a-f-]{36}$/);
      await page.goBack();
      await page.getByText('[ 3 of 14] Compiling').waitFor();
    });
  });

  it('is there in less than a second', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      await page.locator('.machine').first().waitFor(); // Its code is exchanged; from here on it is loaded as ever.
      const times: number[] = [];
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await page.reload();
        await page.locator('.machine').first().waitFor();
        times.push(await page.evaluate<number>('performance.now()'));
      }
      expect(Math.min(...times)).toBeLessThan(1_000);
    });
  });

  it('saves a log as text', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      await page.getByText('are text').waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save as text' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`run-${busy.runningId.slice(0, 8)}.log`);
      expect(readFileSync(await download.path(), 'utf8')).toContain('[ 1 of 14] Compiling Core.Types');
    });
  });

  it('keeps no secret in its address, and reads on when it is loaded anew', async () => {
    await visit(visitors['desk-light']!, async (page) => {
      await page.locator('.machine').first().waitFor();
      expect(page.url()).toBe(`${hub.url}/`);
      await page.reload();
      await page.locator('.machine').first().waitFor();
      expect(await page.context().cookies()).toEqual([]);
    });
  });

  it('shows nothing to others, and says how it is opened', async () => {
    const empty = await startHub({
      port: 0,
      databaseFile: join(folder, 'empty', 'hub.db'),
      adminToken: ADMIN_TOKEN,
      pageFolder: join(folder, 'page'),
    });
    const browser = await openBrowser(visitors['phone-light']!);
    try {
      const page = browser.context.pages()[0] ?? (await browser.context.newPage());
      const used = await addressOf(empty);
      await page.goto(used);
      await page.getByText('No machine has registered.').waitFor();
      await page.screenshot({ path: join(ARTIFACTS, 'empty.png'), fullPage: true });
      const another = await browser.context.newPage();
      await another.goto(used);
      await another.getByText('npx build-machines hub open').waitFor();
      await another.screenshot({ path: join(ARTIFACTS, 'token.png') });
      const { violations } = await new AxeBuilder({ page: another }).analyze();
      expect(violations).toEqual([]);
      await another.getByLabel('paste a token').fill(ADMIN_TOKEN);
      await another.getByRole('button', { name: 'Open' }).click();
      await another.getByText('No machine has registered.').waitFor();
    } finally {
      await browser.close();
      await empty.close();
    }
  });
});

/** The address that opens the page, as `build-machines hub open` makes it. */
async function addressOf({ url }: RunningHub): Promise<string> {
  const { code } = await new HubClient({ url, token: ADMIN_TOKEN }).makePageCode();
  return `${url}/#code=${code}`;
}

/** Ten records that were asked for, some of them in vain. */
async function fillCache(url: string): Promise<void> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/octet-stream' };
  for (let record = 0; record < 10; record += 1) {
    const address = `${url}/v1/cache/${record}`;
    await (await fetch(address, { headers })).text();
    await fetch(address, { method: 'PUT', headers, body: 'x'.repeat(40_000) });
    for (let hit = 0; hit < 3; hit += 1) await (await fetch(address, { headers })).arrayBuffer();
  }
}
