import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryFolder, removeFile, removeTemporaryFolder } from '@build-machines/owned-files';
import { readJsonFile } from '../../disk/json-file.js';
import { identifyProcess, isRunning, ProcessIdentity } from '../../processes/process-identity.js';

/** Names the process that a folder belongs to. */
const OWNER = 'owner.json';
const PREFIX = '.build-';

/**
 * Makes the folder that one build works in, on the disk of the store, so that the result moves there by a rename. Removes
 * those of builds that were killed before they could.
 */
export async function makeWorkFolder(store: string): Promise<string> {
  const names = (await readdir(store)).filter((name) => name.startsWith(PREFIX));
  for (const work of names.map((name) => join(store, name))) if (await isAbandoned(work)) await removeWorkFolder(work);
  const work = await makeTemporaryFolder(join(store, PREFIX));
  await writeFile(join(work, OWNER), JSON.stringify(identifyProcess(process.pid)));
  return work;
}

export async function removeWorkFolder(work: string): Promise<void> {
  await removeTemporaryFolder(work);
}

/** Leaves the folder for somebody to look at: no later build removes it. */
export async function leaveWorkFolder(work: string): Promise<void> {
  await removeFile(join(work, OWNER));
}

async function isAbandoned(work: string): Promise<boolean> {
  const owner = await readJsonFile(join(work, OWNER), ProcessIdentity);
  return owner !== undefined && !isRunning(owner);
}
