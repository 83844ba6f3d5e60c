import { join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import { ReusedOutputs } from '@build-machines/protocol';
import { z } from 'zod';
import { readJson } from '../durable/read-json.js';
import { writeDurably } from '../durable/write-durably.js';

/** `<mirror>/untidy.json`: something may have written into the tree. What its command reuses of earlier builds. */
const UntidyMarker = z.object({ version: z.literal(1), outputs: ReusedOutputs.nullable() });
export type UntidyMarker = z.infer<typeof UntidyMarker>;

/** Notes, before a command runs, that the tree has to be tidied after it, whatever becomes of the agent. */
export async function markUntidy(mirror: string, outputs: ReusedOutputs | undefined): Promise<void> {
  const marker: UntidyMarker = { version: 1, outputs: outputs ?? null };
  await writeDurably(join(mirror, 'untidy.json'), JSON.stringify(marker));
}

/** The marker, if the tree has to be tidied. */
export function readUntidy(mirror: string): Promise<UntidyMarker | undefined> {
  return readJson(join(mirror, 'untidy.json'), UntidyMarker);
}

export function removeUntidy(mirror: string): Promise<void> {
  return removeFile(join(mirror, 'untidy.json'));
}
