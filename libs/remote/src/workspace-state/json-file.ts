import { readFile } from 'node:fs/promises';
import type { z } from 'zod';

/**
 * Reads a JSON file that only saves work. Absent, damaged or of another version: undefined, and the caller starts afresh.
 * @throws errors of the file system other than absence.
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(content));
  } catch {
    return undefined; // Damaged by a crash of the computer or written by another version: its loss costs time only.
  }
}
