import { workstationAccount } from './account.js';

const own = '/home/ada/.ghcup/bin:/usr/local/bin:/usr/bin:/bin';

describe('the account of the workstation', () => {
  it.each([
    ['npx at the root', '/ws/node_modules/.bin:/node_modules/.bin:/usr/lib/node_modules/npm/bin/node-gyp-bin'],
    [
      'npx in a folder of the workspace',
      '/ws/libs/a/node_modules/.bin:/ws/libs/node_modules/.bin:/ws/node_modules/.bin',
    ],
    ['pnpm', '/ws/node_modules/.bin:/opt/pnpm/dist/node-gyp-bin'],
    ['Yarn 1', '/tmp/yarn--1732641234567-0.27182818:/ws/node_modules/.bin'],
    ['Yarn 4', '/tmp/xfs-1a2b3c4d'],
  ])('has the same PATH however nx was called: %s', (_, added) => {
    expect(workstationAccount({ PATH: `${added}:${own}` })).toEqual(workstationAccount({ PATH: own }));
    expect(workstationAccount({ PATH: `${added}:${own}` }).path).toBe(own);
  });

  it('keeps folders of the user whose names are alike', () => {
    const path = '/home/ada/node_modules/tool/bin:/home/ada/xfs-tools:/usr/bin';
    expect(workstationAccount({ PATH: path }).path).toBe(path);
  });
});
