import fc from 'fast-check';
import {
  chmodSync,
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

/**
 * One thing that a person or a tool does to a source tree. `path` and `to` are relative to the tree; `pick` chooses, modulo
 * their number, among the entries that are there at that moment.
 */
export type Edit =
  | { readonly kind: 'write'; readonly path: string; readonly content: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'make folder'; readonly path: string }
  | { readonly kind: 'rewrite'; readonly pick: number; readonly content: string }
  | { readonly kind: 'remove' | 'file to folder' | 'folder to file'; readonly pick: number }
  | { readonly kind: 'rename'; readonly pick: number; readonly to: string }
  | { readonly kind: 'chmod'; readonly pick: number; readonly mode: number }
  | { readonly kind: 'touch'; readonly pick: number; readonly secondsFromNow: number };

const name = fc.constantFrom('a', 'Main.hs', 'with space', 'ünïcödé', '日本語.txt', '-dash', "quo'te", 'new\nline');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const pick = fc.nat(1000);
const mode = fc.constantFrom(0o644, 0o755, 0o600, 0o700, 0o444);
const is = <T extends string>(kind: T): fc.Arbitrary<T> => fc.constant(kind);

/** Random edits. */
export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: is('write'), path, content: fc.string(), mode }) },
    // Links to siblings: to themselves and to each other too, which makes loops.
    fc.record({ kind: is('link'), path, to: name }),
    fc.record({ kind: is('make folder'), path }),
    fc.record({ kind: is('rewrite'), pick, content: fc.string() }),
    fc.record({ kind: fc.constantFrom('remove' as const, 'file to folder' as const, 'folder to file' as const), pick }),
    fc.record({ kind: is('rename'), pick, to: path }),
    fc.record({ kind: is('chmod'), pick, mode }),
    fc.record({ kind: is('touch'), pick, secondsFromNow: fc.integer({ min: -7200, max: 7200 }) }),
  ),
  { minLength: 1, maxLength: 15 },
);

/** Does what an edit says, as far as the tree allows it; what it does not allow is left undone. */
export function apply(root: string, edit: Edit): void {
  if ('path' in edit) {
    if (canHold(root, edit.path)) create(join(root, edit.path), edit);
    return;
  }
  const entries = entriesOf(root);
  const picked = entries[edit.pick % entries.length];
  if (picked !== undefined) change(root, picked, edit);
}

/** Empties a tree. */
export function clear(root: string): void {
  for (const entry of readdirSync(root)) rmSync(join(root, entry), { recursive: true });
}

function create(full: string, edit: Extract<Edit, { path: string }>): void {
  if (kindOf(full) === 'folder') return;
  mkdirSync(dirname(full), { recursive: true });
  rmSync(full, { force: true });
  if (edit.kind === 'make folder') mkdirSync(full);
  else if (edit.kind === 'link') symlinkSync(edit.to, full);
  else {
    writeFileSync(full, edit.content);
    chmodSync(full, edit.mode);
  }
}

function change(root: string, path: string, edit: Extract<Edit, { pick: number }>): void {
  const full = join(root, path);
  const kind = kindOf(full);
  switch (edit.kind) {
    case 'rewrite':
      if (kind === 'file') replace(full, edit.content);
      return;
    case 'remove':
      rmSync(full, { recursive: true });
      return;
    case 'file to folder':
      if (kind === 'folder') return;
      rmSync(full);
      mkdirSync(full);
      writeFileSync(join(full, 'inside'), 'was a file');
      return;
    case 'folder to file':
      if (kind !== 'folder') return;
      rmSync(full, { recursive: true });
      writeFileSync(full, 'was a folder');
      return;
    case 'rename':
      if (`${edit.to}/`.startsWith(`${path}/`) || !canHold(root, edit.to) || kindOf(join(root, edit.to))) return;
      mkdirSync(dirname(join(root, edit.to)), { recursive: true });
      renameSync(full, join(root, edit.to));
      return;
    case 'chmod':
      if (kind === 'file') chmodSync(full, edit.mode);
      return;
    case 'touch': {
      const time = Date.now() / 1000 + edit.secondsFromNow;
      if (kind !== 'link') utimesSync(full, time, time);
    }
  }
}

/** As careful editors do it: a new file beside the old one, then renamed. */
function replace(full: string, content: string): void {
  const { mode: bits } = lstatSync(full);
  writeFileSync(`${full}~`, content);
  chmodSync(`${full}~`, bits);
  renameSync(`${full}~`, full);
}

/** All entries of a tree, folders before what they hold. */
function entriesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
}

/** Whether all that lies above a path is a folder, or nothing yet. */
function canHold(root: string, path: string): boolean {
  const above = path.split('/').slice(0, -1);
  for (let depth = 1; depth <= above.length; depth++) {
    const kind = kindOf(join(root, ...above.slice(0, depth)));
    if (kind === undefined) return true;
    if (kind !== 'folder') return false;
  }
  return true;
}

function kindOf(full: string): 'file' | 'folder' | 'link' | undefined {
  const stat = lstatSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  return stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'file';
}
