import { removeFile } from '@build-machines/owned-files';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile, writeAside } from '@build-machines/machines';
import { isDeadHere, LeaseHolder, thisProcess } from '@build-machines/state-hub';
import { z } from 'zod';
import { ensureWorkspaceState, workspaceState } from './workspace-state.js';

/** A process of this workspace that asked a machine for a run. */
const RunClient = z.object({
  id: z.uuid(),
  machine: z.string(),
  label: z.string(),
  holder: LeaseHolder,
  /** Whether the machine has taken the run. */
  accepted: z.boolean(),
  /** It went away without the end of its run, as after a connection that stayed lost: as good as dead. */
  left: z.boolean().default(false),
});
export interface RunClient extends z.infer<typeof RunClient> {
  readonly isDead: boolean;
}

/** A dead client's record is kept for this long, in milliseconds: an agent ends a run without followers earlier. */
const KEPT_MS = 60 * 60_000;

function folderOf(workspaceRoot: string): string {
  return join(workspaceState(workspaceRoot).folder, 'run-clients');
}

/** This process's own record of one run. */
export interface OwnRunClient {
  /** Sent with the run's requests. */
  readonly id: string;
  /** The machine has taken the run: other commands may join it. */
  accepted(): Promise<void>;
  /** Goes away while the run may go on: says so. */
  leave(): Promise<void>;
  /** Removes the record. A process that is killed leaves it, and that tells of its death. */
  end(): Promise<void>;
}

/** Puts on record that this process asks a machine for a run, before it does. */
export async function openRunClient(workspaceRoot: string, machine: string, label: string): Promise<OwnRunClient> {
  const id = randomUUID();
  const holder = thisProcess();
  const none = () => Promise.resolve();
  if (holder === undefined) return { id, accepted: none, leave: none, end: none };
  await ensureWorkspaceState(workspaceRoot);
  const folder = folderOf(workspaceRoot);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${id}.json`);
  const write = (state: Pick<RunClient, 'accepted' | 'left'>) =>
    writeAside(file, JSON.stringify({ id, machine, label, holder, ...state }), 0o600);
  await write({ accepted: false, left: false });
  const accepted = () => write({ accepted: true, left: false });
  return { id, accepted, leave: () => write({ accepted: true, left: true }), end: () => removeFile(file) };
}

/** The clients of a workspace that are on record, the living and the dead. */
export async function runClients(workspaceRoot: string): Promise<RunClient[]> {
  const folder = folderOf(workspaceRoot);
  const names = await readdir(folder).catch(() => []);
  const found: RunClient[] = [];
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const record = await readJsonFile(join(folder, name), RunClient).catch(() => undefined);
    if (record === undefined) continue;
    const isDead = record.left || isDeadHere(record.holder);
    if (isDead && (await ageOf(join(folder, name))) > KEPT_MS) await removeFile(join(folder, name));
    else found.push({ ...record, isDead });
  }
  return found;
}

/** Forgets clients whose machine knows by now that they are dead. */
export async function forgetRunClients(workspaceRoot: string, clients: readonly RunClient[]): Promise<void> {
  for (const { id } of clients) await removeFile(join(folderOf(workspaceRoot), `${id}.json`));
}

async function ageOf(file: string): Promise<number> {
  try {
    return Date.now() - (await stat(file)).mtimeMs;
  } catch {
    return 0; // Removed meanwhile: not ours to remove any more.
  }
}
