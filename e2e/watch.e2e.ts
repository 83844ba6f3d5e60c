import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyExample, edit } from './support/example.js';
import { journey } from './support/journey.js';
import { dropConnections, processesOfPart, processOfPart } from './support/machine.js';
import { eventually } from './support/eventually.js';
import { processesOf } from './support/processes.js';
import { smallProject, wordModule } from './support/small-project.js';
import { onTerminal, type Terminal } from './support/terminal.js';
import { writeTree } from './support/workspace.js';

const window = { columns: 120, rows: 40 };

describe('watching sources', () => {
  const workspace = journey({
    prepare: (made) => {
      copyExample(made);
      writeTree(made, {
        ...smallProject('small', 'hello'),
        'probe/project.json': JSON.stringify({
          name: 'probe',
          targets: {
            check: {
              command: 'until test -e ../checked; do sleep 0.2; done',
              options: { cwd: 'probe' },
              dependsOn: [{ projects: ['small'], target: 'remote-watch' }],
            },
          },
        }),
      });
    },
  });
  let terminal: Terminal;
  afterEach(() => {
    if (expect.getState().currentTestName?.includes('one watch') !== true) terminal.close();
  });
  const write = (file: string, text: string | null): void => {
    writeTree(workspace(), { [`small/${file}`]: text });
  };
  /** GHCi and what it was started by, on the machine. */
  const ghcis = () =>
    processesOf(workspace().workstation.root).filter(({ command }) => /ghc\b.*--interactive/.test(command));

  describe('in one watch', () => {
    beforeAll(() => {
      terminal = onTerminal(workspace(), ['run', 'small:remote-watch'], window);
    });
    afterAll(() => {
      terminal.close();
    });

    it('loads the library into a GHCi on the machine', async () => {
      await terminal.shows(/watching; Ctrl-C ends it/);
      await terminal.shows(/Ok, two modules loaded/);
      expect(ghcis()).toHaveLength(1);
    });

    it('shows an error at its place in the workspace when a module is saved, and that it is mended', async () => {
      const [before] = ghcis();
      write('src/Word.hs', wordModule('hello').replace('"hello"', '"hello" + 4'));
      await terminal.shows(/small\/src\/Word\.hs changed; reloading/);
      await terminal.shows(/^small\/src\/Word\.hs:4:\d+: error/m);
      write('src/Word.hs', wordModule('good day'));
      await terminal.shows(/Ok, two modules loaded/);
      expect(ghcis()).toEqual([before]);
    });

    it('keeps silent when a file is saved as it was', async () => {
      write('src/Word.hs', wordModule('good day'));
      write('src/Word.hs', wordModule('good day\nand night'));
      await terminal.shows(/reloading/);
      await terminal.shows(/Ok, two modules loaded/);
    });

    it('shows the last of many saves in quick succession', async () => {
      for (let count = 0; count < 30; count++) {
        write('src/Word.hs', wordModule('x').replace('"x"', `unknown${count}`));
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      await terminal.shows(/Variable not in scope: unknown29/);
      write('src/Word.hs', wordModule('x').replace('"x"', 'unknownAgain'));
      write('src/Word.hs', wordModule('done'));
      await terminal.shows(/Ok, two modules loaded/);
    });

    it('takes up a new module in a new folder, and what is saved there later', async () => {
      write('src/Deep/Inner.hs', 'module Deep.Inner (inner) where\n\ninner :: String\ninner = "inner"\n');
      write('src/Said.hs', 'module Said (said) where\n\nimport Deep.Inner (inner)\n\nsaid :: String\nsaid = inner\n');
      await terminal.shows(/Ok, (two|three) modules loaded/);
      write('src/Deep/Inner.hs', 'module Deep.Inner (inner) where\n\ninner :: String\ninner = lost\n');
      await terminal.shows(/^small\/src\/Deep\/Inner\.hs:4:9: error/m);
      write('src/Deep/Inner.hs', 'module Deep.Inner (inner) where\n\ninner :: String\ninner = "found"\n');
      await terminal.shows(/Ok, (two|three) modules loaded/);
    });

    it('starts GHCi anew when the cabal file changes', async () => {
      const [before] = ghcis();
      edit(workspace(), 'small/small.cabal', 'exposed-modules:  Said', 'exposed-modules:  Said, Deep.Inner');
      await terminal.shows(/small\/small\.cabal changed; starting GHCi anew/);
      await terminal.shows(/Ok, three modules loaded/);
      const after = await eventually('one GHCi is left', () => ghcis().length === 1 && ghcis());
      expect(after).not.toContainEqual(before);
    });

    it('tells of a deleted module, and goes on without it', async () => {
      write('src/Deep/Inner.hs', null);
      await terminal.shows(/Deep[./]Inner/);
      await terminal.shows(/Failed, /);
      writeTree(workspace(), smallProject('small', 'hello'));
      await terminal.shows(/Ok, two modules loaded/);
    });

    it('outlives a cabal file that cannot be read, and one that cabal refuses', async () => {
      edit(workspace(), 'small/small.cabal', 'common shared', 'common shared {');
      await terminal.shows(/small\/small\.cabal:\d+/);
      writeTree(workspace(), smallProject('small', 'hello'));
      await terminal.shows(/Ok, two modules loaded/);
      edit(workspace(), 'small/small.cabal', 'base\n', 'base, no-such-package\n');
      await terminal.shows(/GHCi ended with status 1; the next save starts it anew/);
      writeTree(workspace(), smallProject('small', 'hello'));
      await terminal.shows(/Ok, two modules loaded/);
    });

    it('goes on after its connection was lost, with what was saved meanwhile', async () => {
      write('src/Word.hs', wordModule('before the loss'));
      await terminal.shows(/Ok, two modules loaded/);
      await dropConnections(workspace());
      await terminal.shows(/was lost/);
      write('src/Word.hs', 'module Word (word) where\n\nword :: String\nword = missing\n');
      await terminal.shows(/connected again/);
      await terminal.shows(/^small\/src\/Word\.hs:4:8: error/m);
      write('src/Word.hs', wordModule('after the loss'));
      await terminal.shows(/Ok, two modules loaded/);
    });

    it('goes on after the tunnel was lost', async () => {
      const { workstation } = workspace();
      const { pid } = await processOfPart(workstation, 'tunnel');
      process.kill(pid, 'SIGKILL');
      await terminal.shows(/was lost/);
      await terminal.shows(/connected again/);
      await terminal.shows(/Ok, two modules loaded/);
      expect(processesOfPart(workstation, 'tunnel').map((tunnel) => tunnel.pid)).not.toContain(pid);
      write('src/Word.hs', wordModule('through another tunnel'));
      await terminal.shows(/reloading/);
      await terminal.shows(/Ok, two modules loaded/);
      await eventually('one GHCi is left', () => ghcis().length === 1);
    });

    it('ends on Ctrl-C, and leaves nothing on the machine', async () => {
      terminal.type('\x03');
      await terminal.ended;
      await eventually('GHCi has ended', () => ghcis().length === 0);
    });
  });

  it('builds a package anew that the loaded one depends on', async () => {
    terminal = onTerminal(workspace(), ['run', 'hello-haskell:remote-watch'], window);
    for (const built of ['embed-text', 'greetings', 'randomart', 'banner'])
      await terminal.shows(new RegExp(`Building library for ${built}`));
    await terminal.shows(/Ok, \w+ modules loaded/);
    edit(workspace(), 'greetings/src/Greetings.hs', 'module Greetings', 'lost = there\n\nmodule Greetings');
    await terminal.shows(/greetings\/src\/Greetings\.hs changed; starting GHCi anew/);
    await terminal.shows(/^greetings\/src\/Greetings\.hs:\d+:\d+: error/m);
    await terminal.shows(/GHCi ended with status 1/);
    edit(workspace(), 'greetings/src/Greetings.hs', 'lost = there\n\n', '');
    await terminal.shows(/Ok, \w+ modules loaded/);
    terminal.type('\x03');
    await terminal.ended;
    await eventually('GHCi has ended', () => ghcis().length === 0);
  });

  it('runs beside a target that depends on it, and ends with that', async () => {
    terminal = onTerminal(workspace(), ['run', 'probe:check'], window);
    await terminal.shows(/Ok, two modules loaded/);
    write('src/Word.hs', wordModule('beside'));
    await terminal.shows(/reloading/);
    await terminal.shows(/Ok, two modules loaded/);
    writeTree(workspace(), { checked: '' });
    const { exitCode } = await terminal.ended;
    expect(exitCode).toBe(0);
    await eventually('GHCi has ended', () => ghcis().length === 0);
    rmSync(join(workspace().root, 'checked'));
  });
});
