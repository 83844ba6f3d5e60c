import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { ExactVersion } from '@build-machines/protocol';

/** A tool that does not answer within this time, in milliseconds, is taken as not usable. */
const PROBE_TIMEOUT_MS = 15_000;

/** Asks an executable for its version. @returns undefined when it does not run or does not answer with a version. */
export type ProbeVersion = (path: string) => Promise<string | undefined>;

/**
 * Probes by `--numeric-version`, which ghc, cabal, stack and haskell-language-server share. Answers are kept as long as the
 * real file behind the path is the same (path, time, size), so a search costs next to nothing when nothing changed.
 */
export function cachingProbe(env: NodeJS.ProcessEnv): ProbeVersion {
  const known = new Map<string, Promise<string | undefined>>();
  return async (path) => {
    let key: string;
    try {
      const real = await realpath(path);
      const { mtimeMs, size } = await stat(real);
      key = [path, real, mtimeMs, size].join('\0');
    } catch {
      // A dangling link, or a file that is not ours to see.
      return undefined;
    }
    const answer = known.get(key) ?? ask(path, env);
    known.set(key, answer);
    return answer;
  };
}

function ask(path: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      path,
      ['--numeric-version'],
      { env, timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL' },
      (error, stdout) => {
        const version = ExactVersion.safeParse(stdout.trim());
        resolve(error === null && version.success ? version.data : undefined);
      },
    );
  });
}
