import { makeTemporaryFolder } from '@build-machines/owned-files';
import type { WrittenFile } from '@build-machines/protocol';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { layHome, type LaidHome } from './lay-home.js';

let folder: string;
let root: string;
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

beforeEach(async () => {
  folder = await makeTemporaryFolder(join(tmpdir(), 'home-'));
  root = join(folder, 'ws');
  mkdirSync(join(root, 'pkg'), { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Lays a file with the content "new"; `before` is what was sent for its path. */
function lay(path: string, change: WrittenFile['change'], before?: string): Promise<LaidHome> {
  const content = join(folder, 'content');
  writeFileSync(content, 'new');
  const file: WrittenFile = { path, change, size: 3, sha256: sha('new'), mode: 0o644 };
  const sent = { kind: 'file' as const, path, size: 0, sha256: sha(before ?? ''), mode: 0o644 };
  return layHome(root, file, content, before === undefined ? undefined : sent);
}

describe('a file that a run wrote comes home', () => {
  it('where nothing is, with its folders', async () => {
    expect(await lay('pkg/test/a/b.golden', 'created')).toMatchObject({ how: 'new' });
    expect(read('pkg/test/a/b.golden')).toBe('new');
  });

  it('over what was sent, whose mode it keeps', async () => {
    put('pkg/a.golden', 'old');
    chmodSync(join(root, 'pkg/a.golden'), 0o600);
    expect(await lay('pkg/a.golden', 'changed', 'old')).toMatchObject({ how: 'replaced' });
    expect([read('pkg/a.golden'), statSync(join(root, 'pkg/a.golden')).mode & 0o777]).toEqual(['new', 0o600]);
  });

  it.each(['created', 'changed'] as const)('as what is here already (%s)', async (change) => {
    put('pkg/a.golden', 'new');
    expect(await lay('pkg/a.golden', change, 'old')).toMatchObject({ how: 'same' });
  });
});

describe('a file that a run wrote is refused', () => {
  it('over an edit', async () => {
    put('pkg/a.golden', 'edited');
    expect(await lay('pkg/a.golden', 'changed', 'old')).toMatchObject({
      how: 'refused',
      why: expect.stringContaining('edited'),
    });
    expect(read('pkg/a.golden')).toBe('edited');
  });

  it('as a new one over a file that is here', async () => {
    put('pkg/a.golden', 'mine');
    expect(await lay('pkg/a.golden', 'created')).toMatchObject({ how: 'refused' });
    expect(read('pkg/a.golden')).toBe('mine');
  });

  it('where the file was removed since', async () => {
    expect(await lay('pkg/a.golden', 'changed', 'old')).toMatchObject({
      how: 'refused',
      why: expect.stringContaining('removed'),
    });
    expect(existsSync(join(root, 'pkg/a.golden'))).toBe(false);
  });

  it('behind a link, and in place of one', async () => {
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'outside/a.golden'), 'old');
    symlinkSync(join(folder, 'outside'), join(root, 'pkg/link'));
    symlinkSync(join(folder, 'outside/a.golden'), join(root, 'pkg/a.golden'));
    expect(await lay('pkg/link/new', 'created')).toMatchObject({ how: 'refused', why: 'pkg/link is no folder here' });
    expect(await lay('pkg/link/a.golden', 'changed', 'old')).toMatchObject({ how: 'refused' });
    expect(await lay('pkg/a.golden', 'changed', 'old')).toMatchObject({ how: 'refused' });
    expect(existsSync(join(folder, 'outside/new'))).toBe(false);
    expect(readFileSync(join(folder, 'outside/a.golden'), 'utf8')).toBe('old');
  });

  it.each(['.git/hooks/post-checkout', 'pkg/node_modules/x/index.js', '.nx/cache/x', '.build-machines/workspace.json'])(
    'as %s',
    async (path) => {
      expect(await lay(path, 'created')).toMatchObject({ how: 'refused' });
      expect(existsSync(join(root, path))).toBe(false);
    },
  );
});
