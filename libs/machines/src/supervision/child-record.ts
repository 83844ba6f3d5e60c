import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import { z } from 'zod';
import { readJsonFile } from '../disk/json-file.js';
import { hasErrorCode } from '../disk/missing.js';
import { writeAside } from '../disk/write-aside.js';
import { ProcessIdentity, isRunning } from '../processes/process-identity.js';

/** What a supervisor leaves on disk of a child, so that the next one (or `down`) finds it. */
export const ChildRecord = z.object({
  name: z.string(),
  identity: ProcessIdentity,
  /** Digest of its specification. */
  spec: z.string(),
  endDescendants: z.boolean(),
});
export type ChildRecord = z.infer<typeof ChildRecord>;

const SUFFIX = '.child.json';

function recordFile(folder: string, name: string): string {
  return join(folder, `${name}${SUFFIX}`);
}

/** The record of a child; undefined where there is none, or where a crash left one that cannot be read. */
export function readChildRecord(folder: string, name: string): Promise<ChildRecord | undefined> {
  return readJsonFile(recordFile(folder, name), ChildRecord);
}

export async function writeChildRecord(folder: string, record: ChildRecord): Promise<void> {
  await writeAside(recordFile(folder, record.name), `${JSON.stringify(record)}\n`, 0o600, { flush: false });
}

export async function removeChildRecord(folder: string, name: string): Promise<void> {
  await removeFile(recordFile(folder, name));
}

/** All children on record in a folder, with whether each runs; sorted by name. Needs no supervisor to be alive. */
export async function recordedChildren(folder: string): Promise<(ChildRecord & { running: boolean })[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith(SUFFIX))
      .sort()
      .map((name) => readChildRecord(folder, name.slice(0, -SUFFIX.length))),
  );
  return records
    .filter((record) => record !== undefined)
    .map((record) => ({ ...record, running: isRunning(record.identity) }));
}
