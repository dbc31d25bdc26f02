/**
 * What is kept of one run: its case file, and what shows that nothing was left out of it or changed in it. An update
 * counts once, in its order; whatever does not fit is an alarm and is kept.
 */
import { z } from 'zod';
import type { Run } from './approval.js';
import { type CaseFile, caseFileSchema } from './case-file.js';
import { applyCaseUpdate, type CaseUpdate, emptyCaseFile } from './case-file-updates.js';

export const caseAlarmSchema = z.object({
  /**
   * `forged`: a signal that the app did not seal, or sealed for another place; it changed nothing. `incomplete`: an
   * update is missing. `rewritten`: the run's story was told a second time in other words; what came first is kept.
   */
  code: z.enum(['forged', 'incomplete', 'rewritten']),
  count: z.number().int().positive(),
  /** ISO 8601, UTC: of the first and of the last of them. */
  firstAt: z.string(),
  lastAt: z.string(),
});
export type CaseAlarm = z.infer<typeof caseAlarmSchema>;
export type AlarmCode = CaseAlarm['code'];

export const caseRecordSchema = z.object({
  file: caseFileSchema,
  /** The beginning of the seal of each update that went in, by its sequence; empty for one that is missing. */
  seals: z.array(z.string()),
  /** How much the last update added to what only grows. */
  added: z.object({ decisions: z.number().int(), timeline: z.number().int() }),
  /** At most one of each code. */
  alarms: z.array(caseAlarmSchema),
});
export type CaseRecord = z.infer<typeof caseRecordSchema>;

/** Key of the entity that keeps a run's record. */
export function caseKeyOf({ instanceId, generation }: Run): string {
  return `${instanceId}.${generation}`;
}

/** The run that a key names, or undefined for what is none. */
export function runOfCaseKey(key: string): Run | undefined {
  const [, instanceId, generation] = /^(.+)\.([1-9]\d{0,5})$/.exec(key) ?? [];
  return instanceId === undefined ? undefined : { instanceId, generation: Number(generation) };
}

const SEAL_LENGTH = 16;

export interface Recorded {
  /** Undefined: there is nothing to keep. */
  readonly record: CaseRecord | undefined;
  readonly alarm?: AlarmCode;
}

/**
 * Takes an update whose seal was found genuine.
 * @param run that the record is of. @param mac of that seal. @param at ISO 8601, UTC.
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
    // A turn that the host ran twice, because it stopped before it had written that down, says its last word again.
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

/** Keeps that somebody tried; where nothing is kept, nothing is begun by it. */
export function recordForgery(record: CaseRecord | undefined, at: string): Recorded {
  return { record: record && withAlarm(record, 'forged', at), alarm: 'forged' };
}

/** Whether what the file says may be relied on: forgeries changed nothing. */
export function isIntact({ alarms }: Pick<CaseRecord, 'alarms'>): boolean {
  return alarms.every(({ code }) => code === 'forged');
}

/** Where the update that opens it never came, only the run is known. */
function newRecord({ instanceId, generation }: Run, { open }: CaseUpdate, at: string): CaseRecord {
  const file = emptyCaseFile(
    open ?? {
      incidentKey: '',
      armId: '',
      instanceId,
      generation,
      title: 'An incident whose case file lost its beginning',
      severity: 'unknown',
      receivedAt: at,
    },
  );
  return { file, seals: [], added: { decisions: 0, timeline: 0 }, alarms: [] };
}

function addedBy({ decisions, timeline }: CaseUpdate): CaseRecord['added'] {
  return { decisions: decisions.length, timeline: timeline.length };
}

/** What else the update set, the one that takes its place sets again. */
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
