import type { LocatedPackage } from '@build-machines/haskell';
import type { TaskPlan } from '@build-machines/sources';
import { PackageNotSentError, requirePackagesSent } from './sent-packages.js';

const located = (name: string): LocatedPackage => ({ name, dir: `/w/packages/${name}` }) as LocatedPackage;
const app = located('app');

/** Checks a task of the project `app`, whose inputs hold all of `core`, and of `other` the description only. */
function check(packages: string[], { own = true } = {}): Promise<void> {
  const files = ['packages/app/Main.hs', 'packages/core/Core.hs', 'packages/other/other.cabal'];
  return requirePackagesSent(
    {
      task: { project: 'app', target: 'remote-build' },
      resolved: {
        haskell: { packages: [app, located('core'), located('other')] } as never,
        own: own ? app : undefined,
        packages,
      },
      sources: { plan: { task: {} as never, env: {} } },
    },
    { state: { root: '/w' } as never, plan: () => Promise.resolve([{ files } as unknown as TaskPlan]) },
  );
}

describe('packages that a task is told to act on', () => {
  it('may be its own, and those that it depends on', async () => {
    await check(['app']);
    await check(['app', 'core']);
    await check(['core'], { own: false });
  });

  it('must be among its inputs: nothing else is sent', async () => {
    for (const own of [true, false]) await expect(check(['other'], { own })).rejects.toThrow(PackageNotSentError);
  });
});
