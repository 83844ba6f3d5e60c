import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CONFIG_FILES } from './cabal-configuration.js';

/**
 * Lets cabal write its default configuration where it has none. Its first command would do that, and so change the
 * machine under the run.
 */
export async function ensureCabalConfiguration(home: string, cabal: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (CONFIG_FILES.some((path) => existsSync(join(home, path)))) return;
  // Where this fails (a read-only home, a program that is no cabal), the run goes on and says what is the matter.
  await promisify(execFile)(cabal, ['user-config', 'init'], { env, timeout: 15_000 }).catch(() => undefined);
}
