import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent } from '../../disk/missing.js';
import { writeAside } from '../../disk/write-aside.js';

/** First line of a configuration of ours. A file without it is the user's own and stays as it is. */
const MARK = '-- Written by build-machines; delete this line to keep your own changes.';

/**
 * Gives cabal in a sandbox the package index of this computer's user, if there is one; else none at all. cabal's default
 * configuration names Hackage, and then even an offline build of packages without foreign dependencies fails while
 * Hackage cannot be reached. See "package-indices" in the cabal user guide.
 * @param userHome home folder of the workstation's user.
 * @param sandboxHome home folder of the sandbox.
 */
export async function writeCabalConfig(userHome: string, sandboxHome: string): Promise<void> {
  const file = join(sandboxHome, '.cabal', 'config');
  const present = await readIfPresent(file);
  if (present !== undefined && !present.startsWith(MARK)) return;
  const text = cabalConfig(await indexCache(userHome));
  if (text === present) return;
  await mkdir(join(sandboxHome, '.cabal'), { recursive: true });
  await writeAside(file, text, 0o600);
}

/** The text of the configuration. `cache`: the folder that holds the downloaded index, or undefined without one. */
export function cabalConfig(cache: string | undefined): string {
  if (cache === undefined) {
    return `${MARK}
-- No package index was found on this computer: only packages that GHC or the system brings can be used. To use Hackage,
-- run \`cabal update\` on this computer and bring the machine up again.
`;
  }
  return `${MARK}
repository hackage.haskell.org
  url: http://hackage.haskell.org/
  secure: True
remote-repo-cache: ${cache}
`;
}

/** Where cabal keeps downloaded indices: `~/.cabal/packages` up to 3.8 and where it exists, `~/.cache/cabal/packages` else. */
async function indexCache(home: string): Promise<string | undefined> {
  for (const cache of [join(home, '.cabal', 'packages'), join(home, '.cache', 'cabal', 'packages')]) {
    for (const index of ['01-index.tar', '01-index.tar.gz', '00-index.tar']) {
      if (await exists(join(cache, 'hackage.haskell.org', index))) return cache;
    }
  }
  return undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
