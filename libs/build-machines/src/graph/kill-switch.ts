/** Environment variable that switches inference off, for finding out whether this plugin is at fault. */
export const KILL_SWITCH = 'NX_BUILD_MACHINES_DISABLE';

/** Whether inference is switched off. */
export function isDisabled(env: Readonly<Record<string, string | undefined>>): boolean {
  return env[KILL_SWITCH] === 'true';
}
