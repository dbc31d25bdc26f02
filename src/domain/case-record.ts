/**
 * The stored record of one run: its case file, and the data that proves it complete and unchanged. Each update counts
 * once, in order. An update that does not fit raises an alarm, which is stored.
 */
import { z } from 'zod';
import type { Run } from './approval.js';
import { type CaseFile, caseFileSchema } from './case-file.js';
import { applyCaseUpdate, type CaseUpdate, emptyCaseFile } from './case-file-updates.js';

export const caseAlarmSchema = z.object({
  /**
   * `forged`: a signal that the app did not seal, or sealed for another purpose or run; it changed nothing.
   * `incomplete`: an update is missing. `rewritten`: an update arrived again with other content; the first is kept.
   */
  code: z.enum(['forged', 'incomplete', 'rewritten']),
  count: z.number().int().positive(),
  /** Time of the first and of the last one (ISO 8601, UTC). */
  firstAt: z.string(),
  lastAt: z.string(),
});
export type CaseAlarm = z.infer<typeof caseAlarmSchema>;
export type AlarmCode = CaseAlarm['code'];

export const caseRecordSchema = z.object({
  file: caseFileSchema,
  /** Start of the seal of each applied update, by sequence; empty for a missing update. */
  seals: z.array(z.string()),
  /** Number of entries that the last update appended. */
  added: z.object({ decisions: z.number().int(), timeline: z.number().int() }),
  /** At most one of each code. */
  alarms: z.array(caseAlarmSchema),
});
export type CaseRecord = z.infer<typeof caseRecordSchema>;

/** Key of the entity that stores the record of a run. */
export function caseKeyOf({ instanceId, generation }: Run): string {
  return `${instanceId}.${generation}`;
}

/** The run of a key; undefined if it is not a case key. */
export function runOfCaseKey(key: string): Run | undefined {
  const [, instanceId, generation] = /^(.+)\.([1-9]\d{0,5})$/.exec(key) ?? [];
  return instanceId === undefined ? undefined : { instanceId, generation: Number(generation) };
}

const SEAL_LENGTH = 16;

export interface Recorded {
  /** Undefined: nothing to store. */
  readonly record: CaseRecord | undefined;
  readonly alarm?: AlarmCode;
}

/**
 * Applies an update whose seal has been verified.
 * @param run of the record. @param mac of the seal. @param at ISO 8601, UTC.
 */
export function recordUpdate(
  before: CaseRecord | undefined,
  run: Run,
  update: CaseUpdate,
  mac: string,
  at: string,
): Recorded {
  const record = before ?? newRecord(run, update, at);
  const seal = mac.slice(0, SEAL_LENGTH);
  const last = record.seals.length;
  if (update.sequence <= last) {
    if (record.seals[update.sequence - 1] === seal) return { record };
    // The host may run its last turn again if it stopped before it committed. That turn repeats the last update.
    const again = update.sequence === last && !has(record, 'rewritten');
    if (!again) return { record: withAlarm(record, 'rewritten', at), alarm: 'rewritten' };
    const file = applyCaseUpdate(withoutLast(record.file, record.added), update);
    const seals = [...record.seals.slice(0, -1), seal];
    return { record: { ...record, seals, added: addedBy(update), file } };
  }
  if (has(record, 'rewritten')) return { record };
  const missing = update.sequence - last - 1;
  const file = applyCaseUpdate(record.file, update);
  const seals = [...record.seals, ...Array<string>(missing).fill(''), seal];
  const next = { ...record, seals, added: addedBy(update), file };
  if (missing === 0) return { record: next };
  return { record: withAlarm(next, 'incomplete', at), alarm: 'incomplete' };
}

/** Records a forgery attempt in an existing record; never creates a record. */
export function recordForgery(record: CaseRecord | undefined, at: string): Recorded {
  return { record: record && withAlarm(record, 'forged', at), alarm: 'forged' };
}

/** True if the case file is complete and unchanged. Forgeries change nothing. */
export function isIntact({ alarms }: Pick<CaseRecord, 'alarms'>): boolean {
  return alarms.every(({ code }) => code === 'forged');
}

/** If the first update is missing, only the run is known. */
function newRecord({ instanceId, generation }: Run, { open }: CaseUpdate, at: string): CaseRecord {
  const file = emptyCaseFile(
    open ?? {
      incidentKey: '',
      origin: { kind: 'sentinel', armId: '' },
      instanceId,
      generation,
      title: 'Incident with an incomplete case file',
      severity: 'unknown',
      receivedAt: at,
    },
  );
  return { file, seals: [], added: { decisions: 0, timeline: 0 }, alarms: [] };
}

function addedBy({ decisions, timeline }: CaseUpdate): CaseRecord['added'] {
  return { decisions: decisions.length, timeline: timeline.length };
}

/** Removes the last update's appended entries. The replacing update overwrites the other fields. */
function withoutLast(file: CaseFile, added: CaseRecord['added']): CaseFile {
  const { decisions, timeline, revision } = file;
  return {
    ...file,
    revision: revision - 1,
    decisions: decisions.slice(0, decisions.length - added.decisions),
    timeline: timeline.slice(0, timeline.length - added.timeline),
  };
}

function has({ alarms }: CaseRecord, code: AlarmCode): boolean {
  return alarms.some((alarm) => alarm.code === code);
}

function withAlarm<R extends CaseRecord>(record: R, code: AlarmCode, at: string): R {
  const { alarms } = record;
  if (!has(record, code))
    return { ...record, alarms: [...alarms, { code, count: 1, firstAt: at, lastAt: at }] };
  return {
    ...record,
    alarms: alarms.map((alarm) =>
      alarm.code === code ? { ...alarm, count: alarm.count + 1, lastAt: at } : alarm,
    ),
  };
}
