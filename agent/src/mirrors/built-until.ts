import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../durable/read-json.js';
import { writeDurably } from '../durable/write-durably.js';

const File = z.object({ ms: z.number() });

/** `<mirror>/built-until.json`: the machine's time when a run in this mirror last ended, in milliseconds; 0: never. */
export async function readBuiltUntil(mirror: string): Promise<number> {
  return (await readJson(join(mirror, 'built-until.json'), File))?.ms ?? 0;
}

export async function writeBuiltUntil(mirror: string, ms: number): Promise<void> {
  await writeDurably(join(mirror, 'built-until.json'), JSON.stringify({ ms }));
}
