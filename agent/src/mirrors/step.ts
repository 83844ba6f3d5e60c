import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * One step of an update. Steps run in order, and each may be repeated when all before it are done and any after it are:
 * that is what lets a journal be replayed after a crash at any point.
 *
 * - `drop`: the parked file or link of `path` moves to `retired/<slot>`.
 * - `retire`: what is at `path` (a file, a link, or a folder with all in it) moves to `retired/<slot>`.
 * - `park`: the file or link at `path` moves to `parked/`, with its times.
 * - `folder`: a folder is made at `path`.
 * - `place`: the staged file or link `new/<slot>` moves to `path`.
 * - `unpark`: the parked file or link of `path` moves back to `path`, with its times.
 * - `mode`: the file at `path` gets exactly these permission bits.
 * - `prune`: the folder at `path` is removed if nothing is left in it; build products keep it.
 */
export const Step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('drop'), path: z.string(), slot: z.number().int(), sha256: z.string().optional() }),
  z.object({ do: z.literal('retire'), path: z.string(), slot: z.number().int(), sha256: z.string().optional() }),
  z.object({ do: z.literal('park'), path: z.string() }),
  z.object({ do: z.literal('folder'), path: z.string() }),
  z.object({ do: z.literal('place'), path: z.string(), slot: z.number().int() }),
  z.object({ do: z.literal('unpark'), path: z.string() }),
  z.object({ do: z.literal('mode'), path: z.string(), mode: z.number().int() }),
  z.object({ do: z.literal('prune'), path: z.string() }),
]);
export type Step = z.infer<typeof Step>;

/** Name of a path's file among those that are parked: there is at most one for each path. */
export function parkedName(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 32);
}
