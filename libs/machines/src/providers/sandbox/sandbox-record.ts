import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../../disk/json-file.js';
import { hasErrorCode } from '../../disk/missing.js';
import { writePrivate } from '../../disk/write-aside.js';
import type { StateFolder } from '../../state/state-folder.js';
import { SandboxSettings } from './sandbox-settings.js';

/** What a sandbox remembers from one `up` to the next. */
export const SandboxRecord = z.object({
  version: z.literal(1),
  name: z.string(),
  /** Whether it shall run: set by `up`, cleared by `down`. Who finds its supervisor dead starts it again. */
  wanted: z.boolean(),
  /** Port of its sshd, on the loopback interface. */
  sshdPort: z.number().int(),
  /** Port of its end of the forward tunnel: where its agent finds the hub. */
  forwardPort: z.number().int(),
  /** Port of its tunnel at the relay. That of port-registry.yml, unless another machine of this account has that. */
  tunnelPort: z.number().int().optional(),
  /** What it was brought up with; absent in records of earlier releases. */
  settings: SandboxSettings.optional(),
});
export type SandboxRecord = z.infer<typeof SandboxRecord>;

/** Reads a record; undefined where there is none, or one that a crash or another version left unreadable. */
export function readSandboxRecord(file: string): Promise<SandboxRecord | undefined> {
  return readJsonFile(file, SandboxRecord);
}

export async function writeSandboxRecord(file: string, record: SandboxRecord): Promise<void> {
  await writePrivate(file, `${JSON.stringify(record, null, 2)}\n`);
}

/** Records of all sandboxes of this user, also of those that are down. */
export async function allSandboxRecords(state: StateFolder): Promise<SandboxRecord[]> {
  const folder = dirname(state.sandbox('any'));
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  const records = await Promise.all(names.map((name) => readSandboxRecord(join(folder, name, 'sandbox.json'))));
  return records.filter((record) => record !== undefined);
}
