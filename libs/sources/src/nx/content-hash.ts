import { isUtf8 } from 'node:buffer';
import { nxInternals } from './nx-internals.js';

/** The hash that Nx gives to a content; undefined for one that only Nx itself can read from a file. */
export function nxHashOf(content: Buffer): string | undefined {
  return isUtf8(content) ? nxInternals().hashArray([content.toString('utf8')]) : undefined;
}

/** The hash that Nx gives to the content of a file; undefined for a file that is gone. */
export function nxHashOfFile(path: string): string | undefined {
  return nxInternals().hashFile(path) ?? undefined;
}
