import { withInstalledCommands } from './installed-commands.js';

const text =
  'Start it: npx build-machines bridge start, or npx nx run box:up, or nx run box:up.\nSee node_modules/build-machines/docs/a.md; build-machines nx-like nxrun stay.';

describe('commands in messages', () => {
  it('stay as they are where npx finds the plugin', () => {
    expect(withInstalledCommands(text, '/ws/node_modules/build-machines')).toBe(text);
  });

  it('are those that exist in a workspace without package.json', () => {
    expect(withInstalledCommands(text, '/ws/.nx/installation/node_modules/build-machines')).toBe(
      'Start it: ./.nx/installation/node_modules/.bin/build-machines bridge start, or ./nx run box:up, or ./nx run box:up.\n' +
        'See .nx/installation/node_modules/build-machines/docs/a.md; build-machines nx-like nxrun stay.',
    );
  });
});
