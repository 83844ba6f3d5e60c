import { z } from 'zod';
import { Sha256, TreePath } from './tree.js';

/** A file that a run created, changed or deleted among its sources, outside of the folders that build tools keep. */
export const WrittenFile = z.object({
  path: TreePath.describe('Relative to the workspace.'),
  change: z.enum(['created', 'changed', 'deleted']),
  size: z.number().int().nonnegative(),
  sha256: Sha256.nullable().describe(
    'Its content, fetched as an artifact is; null: it is deleted, no regular file, or too large to be kept.',
  ),
  mode: z.number().int().min(0).max(0o777),
});
export type WrittenFile = z.infer<typeof WrittenFile>;

/** So many written files are listed in a result; all are counted. */
export const MAX_WRITTEN_FILES = 1000;

/** What a run wrote beside its sources. The next run does not see it. */
export const WrittenFiles = z.object({
  count: z.number().int().nonnegative(),
  files: z
    .array(WrittenFile)
    .max(MAX_WRITTEN_FILES)
    .describe('In the order of their paths; fewer than `count` where there are too many.'),
});
export type WrittenFiles = z.infer<typeof WrittenFiles>;

/** Of a run that wrote nothing, or of which nothing is known. */
export const NOTHING_WRITTEN: WrittenFiles = { count: 0, files: [] };
