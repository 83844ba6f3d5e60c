import { removeFile } from '@build-machines/owned-files';
import { TreeEntry } from '@build-machines/protocol';
import { z } from 'zod';
import { readJson } from '../durable/read-json.js';
import { Step } from './step.js';

/**
 * `<mirror>/journal.json`: an update that was decided and must be completed. It exists exactly while the tree may be
 * between its old and its new state. Written after all contents are staged and flushed, removed after the new manifest is
 * on disk, so that before it the tree is old and after it the tree is new, and with it the new tree can always be made.
 */
export const Journal = z.object({
  version: z.literal(2),
  steps: z.array(Step),
  set: z.array(TreeEntry).describe('Entries of the tree whose record is renewed.'),
  forget: z.array(z.string()).describe('Paths that leave the record of the tree.'),
  park: z.array(TreeEntry).describe('Entries that get a record as parked.'),
  drop: z.array(z.string()).describe('Paths that leave the record of what is parked.'),
});
export type Journal = z.infer<typeof Journal>;

/** The journals of releases that tracked folders. */
const FormerJournal = z.object({ version: z.literal(1) });

/**
 * Reads a journal; undefined when there is none. One of a former version is dropped: what its update left unfinished
 * differs from the manifest, and is made right as what a build changed is.
 */
export async function readJournal(file: string): Promise<Journal | undefined> {
  const journal = await readJson(file, z.discriminatedUnion('version', [Journal, FormerJournal]));
  if (journal?.version !== 1) return journal;
  await removeFile(file);
  return undefined;
}
