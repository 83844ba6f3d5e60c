import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser } from './open-browser.js';

describe('opening an address', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'open-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const opener = (name: string) =>
    writeFile(join(folder, name), `#!/bin/sh\nprintf %s "$1" > '${folder}/seen'\n`, { mode: 0o755 });
  const env = () => ({ PATH: `${folder}:/bin:/usr/bin`, DISPLAY: ':0' });

  it('hands it to the desktop, as one argument whatever it has in it', async () => {
    await opener('wslview');
    const url = 'http://127.0.0.1:8000/#code=a&b;c';
    expect(await openBrowser(url, env(), 'linux')).toBe(true);
    while (!existsSync(join(folder, 'seen'))) await new Promise(setImmediate);
    expect(await readFile(join(folder, 'seen'), 'utf8')).toBe(url);
  });

  it('does nothing where nobody would see it, or nothing can', async () => {
    await opener('wslview');
    expect(await openBrowser('http://x', { ...env(), DISPLAY: '' }, 'linux')).toBe(false);
    expect(await openBrowser('http://x', { ...env(), PATH: '/nowhere' }, 'linux')).toBe(false);
    expect(existsSync(join(folder, 'seen'))).toBe(false);
  });
});
