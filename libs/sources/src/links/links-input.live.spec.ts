import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isLinksCommand, linksCommand, parseLinks } from './links-input.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'links-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(path: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), '');
  chmodSync(join(root, path), mode);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

function listed(...places: string[]) {
  const { links, executables } = parseLinks(
    execFileSync('sh', ['-c', linksCommand(places)], { cwd: root, encoding: 'utf8' }),
  );
  return { links: Object.fromEntries(links), executables: [...executables].sort() };
}

describe('the listing of links and executable files', () => {
  it('has those of its places, and no others', () => {
    put('p/run.sh', 0o755);
    put('p/plain.hs');
    put('q/run.sh', 0o755);
    link('../q', 'p/deep/link');
    expect(listed('p')).toEqual({ links: { 'p/deep/link': '../q' }, executables: ['p/run.sh'] });
  });

  it('reads names with any sign in them', () => {
    for (const name of ['a b', "it's", '$(x)', 'new\nline', 'ä', '[x]', '-dash', 'a -> b']) {
      put(`${name}/run`, 0o755);
      link(`to//${name}`, `${name}/link`);
      expect({ name, ...listed(name) }).toEqual({
        name,
        links: { [`${name}/link`]: `to//${name}` },
        executables: [`${name}/run`],
      });
    }
  });

  it('has a link that is a place itself, and looks through the whole workspace', () => {
    link('v1', 'shared/current');
    put('shared/v1/run', 0o755);
    expect(listed('shared/current')).toEqual({ links: { 'shared/current': 'v1' }, executables: [] });
    expect(listed('.')).toEqual({ links: { 'shared/current': 'v1' }, executables: ['shared/v1/run'] });
  });

  it('leaves out what tools keep there, what we fetch, absolute links and the locks of Emacs', () => {
    for (const folder of ['node_modules', 'dist-newstyle', '.stack-work', '.git', '.nx', '.build-machines'])
      put(`p/${folder}/run`, 0o755);
    put('dist/remote/app/run', 0o755);
    put('dist/haddock/app/run', 0o755);
    put('dist/made', 0o755);
    link('/nix/store/x', 'p/result');
    link('me@here.1', 'p/.#Main.hs');
    expect(listed('.')).toEqual({ links: {}, executables: ['dist/made'] });
  });

  it('is told from the runtime inputs of users', () => {
    expect([linksCommand(['p']), 'find p', 'git rev-parse HEAD'].map(isLinksCommand)).toEqual([true, false, false]);
  });
});
