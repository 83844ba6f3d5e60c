import { removeFile } from '@build-machines/owned-files';
import { readIfPresent } from '../disk/missing.js';
import { withLock } from '../disk/with-lock.js';
import { writePrivate } from '../disk/write-aside.js';
import { ProcessIdentity, identifyProcess, isRunning, isSameProcess } from '../processes/process-identity.js';

/**
 * Makes this process the one instance of a daemon, recorded in `file`.
 * @returns undefined when it is, or the instance that already runs.
 */
export async function claimInstance(file: string): Promise<ProcessIdentity | undefined> {
  const self = identifyProcess(process.pid);
  if (self === undefined) throw new Error('this process is not listed in /proc');
  return withLock(file, async () => {
    const other = await runningInstance(file);
    if (other !== undefined && !isSameProcess(other, self)) return other;
    await writePrivate(file, `${JSON.stringify(self)}\n`);
    return undefined;
  });
}

/** The instance on record, while it runs. A record that was left behind, or cannot be read, counts as none. */
export async function runningInstance(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  const identity = ProcessIdentity.safeParse(parseJson(text));
  return identity.success && isRunning(identity.data) ? identity.data : undefined;
}

/** Removes the record of an instance that ended. */
export async function forgetInstance(file: string): Promise<void> {
  await removeFile(file);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A crash may leave anything; the schema refuses undefined.
    return undefined;
  }
}
