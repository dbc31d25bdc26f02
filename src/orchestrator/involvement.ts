import {
  type Involved,
  mergeInvolved,
  NO_INVOLVED,
  storedInvolved,
  withRecords,
} from '../domain/involved.js';
import type { ReadRecord } from '../domain/target.js';
import type { CaseRecorder } from './case-recorder.js';

/**
 * Everyone that a version of the incident names, or the records of its entities. They do not decide, whatever becomes of
 * that version: it may be closed, or propose nothing.
 */
export class Involvement {
  /** All of this run; a case file has no room for all. */
  #all: Involved = NO_INVOLVED;

  constructor(private readonly record: CaseRecorder) {}

  /** Of all versions that are known, also to the runs before. */
  get all(): Involved {
    return mergeInvolved([this.record.file.involved ?? NO_INVOLVED, this.#all]);
  }

  note(more: Involved = NO_INVOLVED): void {
    this.#all = mergeInvolved([this.#all, more]);
    const { involved: before = NO_INVOLVED } = this.record.file;
    const involved = storedInvolved(before, [more]);
    // For later versions and runs of the incident.
    if (JSON.stringify(involved) !== JSON.stringify(before)) this.record.addToNext({ changes: { involved } });
  }

  noteRecords(records: readonly ReadRecord[]): void {
    this.note(withRecords(NO_INVOLVED, records));
  }
}
