import { join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import { z } from 'zod';
import { readJsonFile } from '../../disk/json-file.js';
import { writePrivate } from '../../disk/write-aside.js';
import type { StateFolder } from '../../state/state-folder.js';
import { HostInit } from './host-facts.js';

/** What the workstation remembers of a host from one `up` to the next; `host.json` in the machine's state folder. */
export const HostRecord = z.object({
  version: z.literal(1),
  host: z.string(),
  port: z.number().int(),
  user: z.string(),
  home: z.string(),
  /** Absolute path of node there. */
  node: z.string(),
  init: HostInit,
  forwardPort: z.number().int(),
  /** The programs that run there: a host that is reached directly has no tunnel. */
  parts: z.array(z.enum(['agent', 'tunnel'])).default(['agent', 'tunnel']),
});
export type HostRecord = z.infer<typeof HostRecord>;

function recordFile(state: StateFolder, name: string): string {
  return join(state.machine(name), 'host.json');
}

/** The record; undefined where the host was never adopted, or the file is damaged: then all of it can be found anew. */
export function readHostRecord(state: StateFolder, name: string): Promise<HostRecord | undefined> {
  return readJsonFile(recordFile(state, name), HostRecord);
}

export async function writeHostRecord(state: StateFolder, name: string, record: HostRecord): Promise<void> {
  await writePrivate(recordFile(state, name), `${JSON.stringify(record, null, 2)}\n`);
}

export async function removeHostRecord(state: StateFolder, name: string): Promise<void> {
  await removeFile(recordFile(state, name));
}
