import { appendFileSync, statSync } from 'node:fs';
import { moveOwnSync } from '@build-machines/owned-files';

/** Size at which the log starts anew, in bytes; one old log is kept. */
const CAP = 1024 * 1024;

/** How many notes a status report shows. */
const NOTES = 20;

/** The bridge's log, and the latest lines of it for status reports. */
export class BridgeLog {
  readonly notes: { at: string; text: string }[] = [];

  constructor(
    readonly file: string,
    readonly now: () => Date,
  ) {}

  note(text: string): void {
    const at = this.now().toISOString();
    this.notes.push({ at, text });
    this.notes.splice(0, this.notes.length - NOTES);
    this.#cap();
    appendFileSync(this.file, `${at} ${text}\n`, { mode: 0o600 });
  }

  #cap(): void {
    const stat = statSync(this.file, { throwIfNoEntry: false });
    if (stat !== undefined && stat.size > CAP) moveOwnSync(this.file, `${this.file}.1`);
  }
}
