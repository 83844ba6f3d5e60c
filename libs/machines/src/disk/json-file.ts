import type { z } from 'zod';
import { readIfPresent } from './missing.js';

/**
 * Reads a JSON file whose content can be made or found anew. Absent, damaged by a crash or of another version: undefined,
 * and the caller starts afresh.
 * @throws errors of the file system other than absence.
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined; // Damaged, or of another version: its loss costs time only.
  }
}
