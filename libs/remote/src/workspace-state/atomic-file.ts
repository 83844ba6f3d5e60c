import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';

/**
 * Replaces a file by new content so that a reader, also one in another process, sees the old or the new content and
 * nothing between, and so that the new one is on disk before it is seen. Mode 0600.
 */
export async function writeFileAtomically(path: string, content: string): Promise<void> {
  const aside = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(content, 'utf8');
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

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
