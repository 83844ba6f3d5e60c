import { utimesSync } from 'node:fs';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { filesNamed } from './support/digests.js';
import { journey } from './support/journey.js';
import { succeeded } from './support/nx-output.js';
import { smallProject, wordModule } from './support/small-project.js';
import { nx, runIn, writeTree, type NxOptions, type Workspace } from './support/workspace.js';

/** Builds, fetches and runs; gives what the program prints. */
async function whatItSays(workspace: Workspace, options: NxOptions = {}): Promise<string> {
  succeeded(await nx(workspace, ['run', 'small:fetch-artifacts'], options));
  const [program] = filesNamed(join(workspace.root, 'dist/remote/small'), 'small');
  return succeeded(await runIn(workspace, '.', program!, [])).output.trim();
}

function setWord(workspace: Workspace, word: string, minutesFromNow: number): void {
  writeTree(workspace, { 'small/src/Word.hs': wordModule(word) });
  const time = Date.now() / 1000 + minutesFromNow * 60;
  utimesSync(join(workspace.root, 'small/src/Word.hs'), time, time);
}

/** faketime's library, which gives a process another clock (Debian package `faketime`). */
function faketimeLibrary(): string {
  const found = readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketime.so.1`)
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error('libfaketime is missing: apt-get install faketime');
  return found;
}

describe('staleness', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, smallProject('small', 'first'));
    },
  });

  it('starts from a binary', async () => {
    expect(await whatItSays(workspace())).toBe('it said first');
  });

  it('changes the binary when the content changed and its time went back an hour', async () => {
    setWord(workspace(), 'an hour ago', -60);
    expect(await whatItSays(workspace())).toBe('it said an hour ago');
  });

  it('changes the binary when the content went back to what it was, with its old time', async () => {
    setWord(workspace(), 'first', -120);
    expect(await whatItSays(workspace())).toBe('it said first');
  });

  it.each([
    ['ten minutes behind', -10],
    ['ten minutes ahead', 10],
  ])('changes the binary when the clock here is %s the machine', async (description, minutes) => {
    const env = { LD_PRELOAD: faketimeLibrary(), FAKETIME: `${minutes < 0 ? '-' : '+'}${Math.abs(minutes)}m` };
    for (const round of ['once', 'twice']) {
      setWord(workspace(), `${description} ${round}`, minutes);
      expect(await whatItSays(workspace(), { env })).toBe(`it said ${description} ${round}`);
    }
  });
});
