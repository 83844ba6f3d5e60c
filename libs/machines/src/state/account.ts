import { userInfo } from 'node:os';
import { programPath } from './program-path.js';

/** The person at the workstation, as far as programs that we start need to know. */
export interface WorkstationAccount {
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  /** PATH, where programs are looked for; without what a package manager added for the command that runs. */
  readonly path: string;
  /** Locale for programs that we start; `C.UTF-8` where none is set, because compilers read sources in it. */
  readonly locale: string;
}

/** The account of this process. `HOME` of the environment has precedence over the user database. */
export function workstationAccount(
  env: Readonly<Record<string, string | undefined>> = process.env,
): WorkstationAccount {
  const { username, uid, homedir } = userInfo();
  return {
    user: username,
    uid,
    home: env['HOME'] ?? homedir,
    path: programPath(env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'),
    locale: env['LC_ALL'] ?? env['LANG'] ?? 'C.UTF-8',
  };
}
