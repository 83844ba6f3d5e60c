import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../durable/read-json.js';
import { writeDurably } from '../durable/write-durably.js';

/** `<mirror>/built-from.json`: digests of what outputs were last made from, by the outputs' folder and kind of digest. */
const BuiltFrom = z.record(z.string(), z.string());
export type BuiltFrom = z.infer<typeof BuiltFrom>;

/** The key of a package's digests; one for the other kinds begins with it and a colon. */
export function builtKey(folder: string, name: string): string {
  return `${folder}/${name}`;
}

export async function readBuiltFrom(mirror: string): Promise<BuiltFrom> {
  return (await readJson(join(mirror, 'built-from.json'), BuiltFrom)) ?? {};
}

export async function writeBuiltFrom(mirror: string, record: BuiltFrom): Promise<void> {
  await writeDurably(join(mirror, 'built-from.json'), JSON.stringify(record));
}

/** Forgets what packages were made from: their outputs are trusted no more. */
export async function forgetBuilt(mirror: string, folder: string, names: readonly string[]): Promise<void> {
  const forgotten = new Set(names.map((name) => builtKey(folder, name)));
  const known = Object.entries(await readBuiltFrom(mirror));
  await writeBuiltFrom(mirror, Object.fromEntries(known.filter(([key]) => !forgotten.has(key))));
}
