import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HaskellProject } from '../project/haskell-project.js';
import { parseCabalFile } from '../package/parse-cabal-file.js';
import { sketchPackage } from '../package/sketch-package.js';
import { HaskellFileError } from '../syntax/source-error.js';
import { prepareCommands } from './project-preparation.js';

describe('the project file that asks for tests', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'bm-project-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  const prepare = (differing: Partial<HaskellProject> = {}): void => {
    const project: HaskellProject = {
      dir,
      kind: 'cabal',
      needsProjectFile: false,
      files: [],
      archives: [],
      links: [],
      settings: [],
      compilers: [],
      isComplete: true,
      hasImports: false,
      packages: [],
      broken: [],
      problems: [],
      ...differing,
    };
    for (const [file = '', ...args] of prepareCommands(project, 'dist-newstyle', { field: 'tests', packages: ['p'] }))
      execFileSync(file, args, { cwd: dir });
  };
  const write = (name: string, text: string): void => {
    writeFileSync(join(dir, name), text);
  };
  const made = (suffix = ''): string | null => {
    const file = join(dir, `dist-newstyle/build-machines.project${suffix}`);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  };

  it("says what the user's files say, also where their last line has no end", () => {
    write('cabal.project', 'packages: p q');
    write('cabal.project.local', 'package p\n  ghc-options: -Wall "$(HOME) %s \\n"');
    write('cabal.project.freeze', 'constraints: any.base ==4.15.1.0\n');
    prepare();
    expect(made()).toBe('packages: p q\npackage p\n  tests: True\n');
    expect(made('.local')).toBe('package p\n  ghc-options: -Wall "$(HOME) %s \\n"\n');
    expect(made('.freeze')).toBe('constraints: any.base ==4.15.1.0\n\n');
  });

  it('drops what an earlier one had of a file that is gone', () => {
    write('cabal.project', 'packages: p\n');
    write('cabal.project.local', 'optimization: False\n');
    prepare();
    rmSync(join(dir, 'cabal.project.local'));
    prepare();
    expect(made('.local')).toBeNull();
  });

  it('imports a file that has imports, whose paths are relative to it', () => {
    write('cabal.project', 'packages: p\nif os(linux)\n  Import: ci/linux.config\n');
    prepare();
    expect(made()).toBe('import: ../cabal.project\npackage p\n  tests: True\n');
  });

  it('takes the package of the folder where there is no cabal.project, as cabal does', () => {
    prepare();
    expect(made()).toBe('packages: ./*.cabal\npackage p\n  tests: True\n');
  });

  it('leaves packages out that cannot be read, and what needs them, by naming those that stay', () => {
    const problem = new HaskellFileError({ file: 'b.cabal' }, 'broken', 'Correct it.');
    const broken = [{ dir: join(dir, 'b'), file: 'b.cabal', sketch: sketchPackage('', 'b', false), problem }];
    const pkg = { ...sketchPackage('', 'a', false), dir: join(dir, 'a'), cabalFile: 'a.cabal', needsHpack: false };
    const needsB = parseCabalFile('name: c\nlibrary\n  build-depends: b\n', 'c.cabal');
    const packages = [pkg, { ...pkg, ...needsB, dir: join(dir, 'c') }].map((one) => ({
      ...one,
      includedFiles: [],
      added: { folders: [], files: [] },
    }));
    write(
      'cabal.project',
      'Packages:\n    a\n\n    -- the other one\n    b\noptional-packages: x/*.cabal\ntests: True\nif os(linux)\n  packages: c\n  optimization: False\n',
    );
    write('cabal.project.local', 'packages: b\r\n  c\r\nflags: +f\r\n');
    prepare({ broken, packages, archives: [join(dir, 'vend/w-1.tar.gz')] });
    expect(made()).toBe(
      'tests: True\nif os(linux)\n  optimization: False\n\npackages:\n  "./a"\n  "./vend/w-1.tar.gz"\npackage p\n  tests: True\n',
    );
    expect(made('.local')).toBe('flags: +f\r\n\n');
  });
});
