import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeCabalConfig } from './cabal-config.js';

describe('the cabal configuration of a sandbox', () => {
  let folder: string;
  let user: string;
  let sandbox: string;
  const config = (): Promise<string> => readFile(join(sandbox, '.cabal', 'config'), 'utf8');
  const withIndex = async (cache: string): Promise<void> => {
    const file = join(user, cache, 'hackage.haskell.org', '01-index.tar');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bm-cabal-'));
    user = join(folder, 'user');
    sandbox = join(folder, 'sandbox');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('names no repository on a computer without an index, so that offline builds work', async () => {
    await writeCabalConfig(user, sandbox);
    expect(await config()).not.toContain('repository hackage');
  });

  it.each(['.cabal/packages', '.cache/cabal/packages'])(
    "uses the user's index in ~/%s once it is there",
    async (cache) => {
      await writeCabalConfig(user, sandbox);
      await withIndex(cache);
      await writeCabalConfig(user, sandbox);
      expect(await config()).toContain(`remote-repo-cache: ${join(user, cache)}`);
    },
  );

  it("leaves a file of the user's alone", async () => {
    await mkdir(join(sandbox, '.cabal'), { recursive: true });
    await writeFile(join(sandbox, '.cabal', 'config'), 'jobs: 2\n');
    await writeCabalConfig(user, sandbox);
    expect(await config()).toBe('jobs: 2\n');
  });
});
