import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf } from './support/digests.js';
import { journey } from './support/journey.js';
import { failed, isCacheHit, succeeded } from './support/nx-output.js';
import { smallProject, wordModule } from './support/small-project.js';
import { nx, writeTree, type Workspace } from './support/workspace.js';

const fetch = ['run', 'small:fetch-artifacts'];

describe('nothing but the marked folder changes', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, {
        ...smallProject('small', 'word'),
        ...smallProject('other', 'word'),
        ...smallProject('hostile', 'word'),
        ...smallProject('scoped', 'word'),
        'hostile/project.json': JSON.stringify({ name: '../../../victim' }),
        'scoped/project.json': JSON.stringify({ name: '@acme/scoped' }),
        'thesis.txt': 'not committed',
        'notes/thesis.txt': 'not committed',
        '../victim/thesis.txt': 'outside of the workspace',
      });
      symlinkSync('../victim', join(made.root, 'way-out'));
      symlinkSync('notes', join(made.root, 'way-in'));
    },
  });
  const around = (made: Workspace): string => join(made.root, '..');
  const kept = (): Record<string, string> =>
    contentsOf(workspace().root, ['.nx', '.build-machines', 'dist', 'node_modules']);
  const outside = (): Record<string, string> => contentsOf(join(around(workspace()), 'victim'));

  it.each([
    ['.', 'output-folder'],
    ['..', 'output-folder'],
    ['../victim', 'output-folder'],
    ['small', 'output-folder'],
    ['.git', 'output-folder'],
    ['dist', 'output-folder'],
    ['notes', 'folder-not-ours'],
    ['way-out', 'folder-outside'],
    ['thesis.txt', 'not-a-folder'],
    ['thesis.txt/out', 'path-unusable'],
  ])('refuses --outputPath=%s, and changes nothing', async (path, code) => {
    const before = [kept(), outside()];
    const { output } = failed(await nx(workspace(), [...fetch, `--outputPath=${path}`]));
    expect(output).toContain(`[${code}]`);
    expect(output).not.toContain('Successfully ran');
    expect([kept(), outside()]).toEqual(before);
  });

  it('keeps a name that looks like a path in its place, also when Nx restores the outputs', async () => {
    const before = [kept(), outside()];
    for (const [name, segment] of [
      ['../../../victim', '%2e.%2f..%2f..%2fvictim'],
      ['@acme/scoped', '%40acme%2fscoped'],
    ] as const) {
      const target = ['run', `${name}:fetch-artifacts`];
      succeeded(await nx(workspace(), target));
      const fetched = contentsOf(join(workspace().root, 'dist/remote', segment));
      expect(Object.keys(fetched)).toContain('.build-machines-folder.json');
      rmSync(join(workspace().root, 'dist'), { recursive: true });
      expect(isCacheHit(succeeded(await nx(workspace(), target)), `${name}:fetch-artifacts`)).toBe(true);
      expect(contentsOf(join(workspace().root, 'dist/remote', segment))).toEqual(fetched);
    }
    expect([kept(), outside()]).toEqual(before);
  });

  it('leaves a file of the user in the output folder, through fetches and cache hits', async () => {
    succeeded(await nx(workspace(), fetch));
    const own = { 'dist/remote/small/notes.txt': 'mine', 'dist/remote/small/bin/notes.txt': 'mine' };
    writeTree(workspace(), own);
    const isKept = (): void => {
      for (const [path, text] of Object.entries(own))
        expect(readFileSync(join(workspace().root, path), 'utf8')).toBe(text);
    };
    succeeded(await nx(workspace(), fetch));
    isKept();
    writeTree(workspace(), { 'small/src/Word.hs': wordModule('other') });
    succeeded(await nx(workspace(), fetch, { daemon: true }));
    isKept();
    writeTree(workspace(), { 'small/src/Word.hs': wordModule('word') });
    succeeded(await nx(workspace(), fetch, { daemon: true }));
    isKept();
  });

  it('puts no artifact over a file of the user', async () => {
    rmSync(join(workspace().root, 'dist'), { recursive: true });
    writeTree(workspace(), { 'dist/remote/small/bin/small': 'mine' });
    const { output } = failed(await nx(workspace(), fetch));
    expect(output).toContain('[folder-not-ours]');
    expect(readFileSync(join(workspace().root, 'dist/remote/small/bin/small'), 'utf8')).toBe('mine');
    renameSync(join(workspace().root, 'dist/remote/small'), join(workspace().root, 'dist/mine'));
  });

  it('lets several fetches of one project run at once', async () => {
    const { root } = workspace();
    mkdirSync(join(root, 'dist'), { recursive: true });
    const ended = await Promise.all([1, 2, 3].map(() => nx(workspace(), [...fetch, '--skip-nx-cache'])));
    for (const each of ended) succeeded(each);
    const { files } = JSON.parse(readFileSync(join(root, 'dist/remote/small/.build-machines-folder.json'), 'utf8')) as {
      files: string[];
    };
    expect(files.filter((file) => !lstatSync(join(root, 'dist/remote/small', file)).isFile())).toEqual([]);
    expect(
      readdirSync(join(root, 'dist/remote/small')).filter((name) => name.startsWith('.build-machines-new')),
    ).toEqual([]);
  });
});
