import type { LocatedPackage } from '@build-machines/haskell';
import { PackageNotHashedError, PackageNotSentError, requirePackagesHashed } from './hashed-packages.js';
import type { CabalTaskKind } from './task-groups.js';

const located = (name: string): LocatedPackage => ({ name, dir: `/w/packages/${name}` }) as LocatedPackage;
const app = located('app');

/** Checks a task of the project `app`, which depends on `core` and not on `other`. */
function check(kind: CabalTaskKind, packages: string[], { own = true, cache = true } = {}): void {
  const target = `remote-${kind}`;
  requirePackagesHashed(
    {
      kind,
      task: { project: 'app', target },
      resolved: {
        haskell: { packages: [app, located('core'), located('other')] } as never,
        own: own ? app : undefined,
        packages,
        roots: ['packages/app', 'packages/core'],
      },
    },
    {
      root: '/w',
      nxJsonConfiguration: {},
      projectGraph: {
        nodes: { app: { name: 'app', type: 'app', data: { root: 'packages/app', targets: { [target]: { cache } } } } },
        dependencies: {},
      },
    },
  );
}

describe('packages that a task is told to act on', () => {
  it('may be its own, and libraries that it depends on', () => {
    check('test', ['app']);
    check('build', ['app', 'core']);
    check('haddock', ['core']);
  });

  it('must belong to what its project depends on: nothing else is sent', () => {
    for (const own of [true, false])
      expect(() => {
        check('build', ['other'], { own });
      }).toThrow(PackageNotSentError);
  });

  it('are not tested for another project, whose inputs their tests are not', () => {
    expect(() => {
      check('test', ['core']);
    }).toThrow(PackageNotHashedError);
    check('test', ['core'], { cache: false });
    check('test', ['core'], { own: false });
  });
});
