import { rewriteFile } from '../disk/rewrite-file.js';

/** Replaces the text of an authorized_keys file, as {@link rewriteFile} does. */
export async function rewriteKeys(path: string, change: (text: string) => string): Promise<void> {
  await rewriteFile(path, '.build-machines-keys', change);
}
