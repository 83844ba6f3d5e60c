import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { MINUTE, type VmStory } from './story.js';

/** What a machine is there for. */
export function workChapters({ chapter, sideStory, workspace, run, inMachine }: VmStory): void {
  chapter(
    'builds, and gives back what it built',
    async () => {
      await run('hello:remote-build', '--machine=box');
      await run('hello:fetch-artifacts', '--machine=box');
      const folder = join(workspace().root, 'dist/remote/hello');
      expect(execFileSync('find', [folder, '-type', 'f'], { encoding: 'utf8' })).toMatch(/\/hello$/m);
    },
    10 * MINUTE,
  );

  sideStory(
    'gets a package of its distribution, which its agent could never install',
    async () => {
      expect(await inMachine('dpkg-query', '-W', '-f', '${db:Status-Status}', 'hello', '||', 'true')).not.toBe(
        'installed',
      );
      await run('box:apt-install', '--packages=hello');
      expect(await inMachine('hello')).toContain('Hello');
    },
    10 * MINUTE,
  );
}
