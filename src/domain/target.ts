/** The one record of a service that an entity stands for: what is shown, approved, hashed, acted on and proved. */

import { z } from 'zod';
import { clip } from './clip.js';
import { lowerCase } from './letters.js';
import { visible } from './visible.js';

export const recordRefSchema = z.object({
  kind: z.enum(['defender.machine', 'defender.file', 'entra.user', 'sentinel.address']),
  /** The service's own id of the record. The act, its confirmation and its undo use nothing else. */
  id: z.string().min(1),
  /** As the service calls it, without invisible characters. */
  name: z.string(),
});
export const targetRecordSchema = recordRefSchema.extend({
  /** What else identifies the record: read again, and compared, before anything is done. */
  ids: z.record(z.string(), z.string()),
  /** Identifiers of the incident, in words, that belong to the record. */
  agreed: z.array(z.string()),
  /** Identifiers of the incident, in words, that the service does not have: nothing is known about them. */
  unchecked: z.array(z.string()),
});
export type RecordRef = z.infer<typeof recordRefSchema>;
export type RecordKind = RecordRef['kind'];
export type TargetRecord = z.infer<typeof targetRecordSchema>;

const LONGEST_NAME = 120;

/** `ws-1.contoso.com (0142…)`: the name as the service gives it, with the id. */
export function recordWords({ name, id }: Pick<RecordRef, 'name' | 'id'>): string {
  const shown = clip(visible(name), LONGEST_NAME);
  return shown === '' || lowerCase(shown) === lowerCase(id) ? id : `${shown} (${id})`;
}

/** The record, and what the incident calls it where that is another name. Shown wherever the target is named. */
export function targetWords(record: Pick<RecordRef, 'name' | 'id'>, said: string): string {
  const shown = clip(visible(said), LONGEST_NAME).replaceAll(/[“”]/g, "'");
  const same = [record.name, record.id, ''].some((name) => lowerCase(visible(name)) === lowerCase(shown));
  return same ? recordWords(record) : `${recordWords(record)}, in the incident “${shown}”`;
}

/** What of the incident was held against nothing, for whoever decides; undefined where all was. */
export function uncheckedWords({ unchecked }: Pick<TargetRecord, 'unchecked'>): string | undefined {
  return unchecked.length === 0
    ? undefined
    : `Not checked, because the service does not have it: ${unchecked.join(', ')}.`;
}

/** What was looked at: the record's name alone where the incident calls it the same. */
export function subjectWords(record: Pick<RecordRef, 'name' | 'id'>, said: string): string {
  const words = targetWords(record, said);
  return words === recordWords(record) && record.name !== '' ? clip(record.name, LONGEST_NAME) : words;
}

/** What is not the same record any more, in words; empty where all is. What was not known before may be known now. */
export function recordChanges(before: TargetRecord, now: TargetRecord): string[] {
  const parts = (record: TargetRecord): Readonly<Record<string, string>> => ({
    ...record.ids,
    kind: record.kind,
    id: record.id,
    name: record.name,
  });
  const after = parts(now);
  return Object.entries(parts(before)).flatMap(([part, was]) => {
    const is = after[part];
    if (is !== undefined && lowerCase(was) === lowerCase(is)) return [];
    return [`its ${part} was ${visible(was)} and is ${is === undefined ? 'none' : visible(is)}`];
  });
}
