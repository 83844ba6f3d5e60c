import type { LeaseChange } from '../leases/core/lease-book.js';
import { LeaseStore } from '../leases/lease-store.js';

/** A disk that can fail: before a transaction is committed, or after it, so that the answer is lost. */
export class FailingStore extends LeaseStore {
  fail: 'before' | 'after' | null = null;
  /** How often in a row it fails before it is well again. */
  times = 1;

  override apply(changes: readonly LeaseChange[]): void {
    const fail = changes.length === 0 ? null : this.fail;
    if (fail !== null && --this.times <= 0) this.fail = null;
    if (fail === 'before') throw new Error('crash before the commit');
    super.apply(changes);
    if (fail === 'after') throw new Error('crash after the commit');
  }
}
