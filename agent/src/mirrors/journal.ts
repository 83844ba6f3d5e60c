import { TreeEntry } from '@build-machines/protocol';
import { z } from 'zod';
import { Step } from './transition.js';

/**
 * `<mirror>/journal.json`: an update that was decided and must be completed. It exists exactly while the tree may be
 * between its old and its new state. Written after all contents are staged and flushed, removed after the new manifest is
 * on disk, so that before it the tree is old and after it the tree is new, and with it the new tree can always be made.
 */
export const Journal = z.object({
  version: z.literal(1),
  steps: z.array(Step),
  set: z.array(TreeEntry).describe('Entries whose record in the manifest is renewed.'),
  forget: z.array(z.string()).describe('Paths that leave the manifest.'),
});
export type Journal = z.infer<typeof Journal>;
