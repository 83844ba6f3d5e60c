import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { moveOwn, removeTree } from '@build-machines/owned-files';
import { Sha256 } from '@build-machines/protocol';
import { isErrno } from '../durable/errno.js';
import { readJson, StateDamagedError } from '../durable/read-json.js';
import { writeDurably } from '../durable/write-durably.js';
import { RunRecord } from './run-record.js';

/** Where records and logs of runs lie: `<stateDir>/runs/<runId>/{record.json,log.ndjson}`. */
export class RunFolders {
  constructor(private readonly folder: string) {}

  logFile(runId: string): string {
    return join(this.folder, runId, 'log.ndjson');
  }

  /** Makes the folder of a new attempt; an earlier attempt of the same identity goes. */
  async create(runId: string, cookie: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.remove(runId, cookie);
    await mkdir(join(this.folder, runId), { mode: 0o700 });
  }

  async save(record: RunRecord): Promise<void> {
    await writeDurably(join(this.folder, record.runId, 'record.json'), JSON.stringify(record));
  }

  async remove(runId: string, cookie: string): Promise<void> {
    const aside = join(this.folder, `old-${cookie}`);
    try {
      await moveOwn(join(this.folder, runId), aside);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return;
      throw error;
    }
    await removeTree(aside);
  }

  /** All records on disk. Folders without a readable record (a crash while one was made, damage) are removed. */
  async load(): Promise<RunRecord[]> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const records: RunRecord[] = [];
    for (const name of await readdir(this.folder)) {
      const record = Sha256.safeParse(name).success ? await this.#read(name) : undefined;
      if (record === undefined) await removeTree(join(this.folder, name));
      else records.push(record);
    }
    return records;
  }

  async #read(runId: string): Promise<RunRecord | undefined> {
    try {
      return await readJson(join(this.folder, runId, 'record.json'), RunRecord);
    } catch (error) {
      if (error instanceof StateDamagedError) return undefined;
      throw error;
    }
  }
}
