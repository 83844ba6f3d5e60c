import fc from 'fast-check';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** One thing that a person or a tool does to a source tree. Paths are relative to the tree. */
export type Edit =
  | { readonly kind: 'write'; readonly path: string; readonly content: string; readonly mode: number }
  | { readonly kind: 'remove' | 'make folder' | 'replace file by folder'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'chmod'; readonly path: string; readonly mode: number }
  | { readonly kind: 'touch'; readonly path: string; readonly secondsFromNow: number }
  | { readonly kind: 'link'; readonly path: string; readonly to: string };

const name = fc.constantFrom(
  'a',
  'b',
  'Main.hs',
  'with space',
  'ünïcödé',
  '日本語.txt',
  '-dash',
  "quo'te",
  'new\nline',
  '…',
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const mode = fc.constantFrom(0o644, 0o755, 0o600, 0o700, 0o444);

/** Random edits over few names, so that they meet each other. */
export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), path, content: fc.string(), mode }) },
    fc.record({
      kind: fc.constantFrom('remove' as const, 'make folder' as const, 'replace file by folder' as const),
      path,
    }),
    fc.record({ kind: fc.constant('rename' as const), path, to: path }),
    fc.record({ kind: fc.constant('chmod' as const), path, mode }),
    fc.record({ kind: fc.constant('touch' as const), path, secondsFromNow: fc.integer({ min: -7200, max: 7200 }) }),
    // Links to siblings: to themselves and to each other too, which makes loops.
    fc.record({ kind: fc.constant('link' as const), path, to: name }),
  ),
  { minLength: 1, maxLength: 12 },
);

/** Does what an edit says, as far as the tree allows it; what it does not allow is left undone. */
export function apply(root: string, edit: Edit): void {
  const full = join(root, edit.path);
  if (!parentIsFolder(root, edit.path)) return;
  switch (edit.kind) {
    case 'write':
      if (isFolder(full)) return;
      mkdirSync(dirname(full), { recursive: true });
      rmSync(full, { force: true });
      writeFileSync(full, edit.content);
      chmodSync(full, edit.mode);
      return;
    case 'remove':
      rmSync(full, { recursive: true, force: true });
      return;
    case 'make folder':
      if (!isThere(full)) mkdirSync(full, { recursive: true });
      return;
    case 'replace file by folder':
      if (!isThere(full) || isFolder(full)) return;
      rmSync(full);
      mkdirSync(full);
      writeFileSync(join(full, 'was a file'), '');
      return;
    case 'rename': {
      const to = join(root, edit.to);
      const movesIntoItself = `${edit.to}/`.startsWith(`${edit.path}/`);
      if (!isThere(full) || isThere(to) || movesIntoItself || !parentIsFolder(root, edit.to)) return;
      mkdirSync(dirname(to), { recursive: true });
      renameSync(full, to);
      return;
    }
    case 'chmod':
      if (isThere(full) && lstatSync(full).isFile()) chmodSync(full, edit.mode);
      return;
    case 'touch': {
      const time = Date.now() / 1000 + edit.secondsFromNow;
      if (isThere(full) && !lstatSync(full).isSymbolicLink()) utimesSync(full, time, time);
      return;
    }
    case 'link':
      if (isFolder(full)) return;
      mkdirSync(dirname(full), { recursive: true });
      rmSync(full, { force: true });
      symlinkSync(edit.to, full);
  }
}

/** Empties a tree. */
export function clear(root: string): void {
  for (const entry of readdirSync(root)) rmSync(join(root, entry), { recursive: true });
}

/** Whether all folders above a path are folders of the tree, or do not exist yet. */
function parentIsFolder(root: string, path: string): boolean {
  const parts = path.split('/').slice(0, -1);
  return parts.every((_, index) => {
    const above = join(root, ...parts.slice(0, index + 1));
    return !isThere(above) || isFolder(above);
  });
}

function isFolder(full: string): boolean {
  return isThere(full) && lstatSync(full).isDirectory();
}

function isThere(full: string): boolean {
  if (existsSync(full)) return true;
  return lstatSync(full, { throwIfNoEntry: false }) !== undefined; // a link that leads nowhere
}
