/** The one service record that an entity refers to. It is shown, approved, hashed, acted on and proved. */

import { z } from 'zod';
import { clip } from './clip.js';
import { foundSchema, foundWords } from './found-by.js';
import { lowerCase } from './unicode-text.js';
import { visible } from './visible.js';

/** What an entity of an incident refers to. */
const ENTITY_RECORDS = [
  'defender.machine',
  'defender.file',
  'entra.user',
  'exchange.inbox-rule',
  'entra.service-principal',
  'xdr.email',
  'sentinel.address',
  'sentinel.incident',
  'defender.incident',
  'dns.domain',
  'web.url',
] as const;
/** Parts of such a record. */
const PARTS = ['entra.authentication-method', 'entra.consent'] as const;

export type EntityRecordKind = (typeof ENTITY_RECORDS)[number];

export const recordRefSchema = z.object({
  kind: z.enum([...ENTITY_RECORDS, ...PARTS]),
  /** The service's own id of the record. The action, its confirmation and its undo use nothing else. */
  id: z.string().min(1),
  /** The service's name of the record, without invisible characters. */
  name: z.string(),
  ...foundSchema.shape,
  /** What helps an analyst to recognise a candidate: operating system, risk, when it was last seen. */
  facts: z.string().optional(),
});
export const targetRecordSchema = recordRefSchema.extend({
  /**
   * Other identifiers of the record. They are read again and compared before the response acts. `key`: a hash, where the id
   * is a text of any length.
   */
  ids: z.record(z.string(), z.string()),
  /** The record that it is a part of, e.g. the user of a mailbox: findings about that one are about it, too. */
  partOf: recordRefSchema.pick({ kind: true, id: true }).optional(),
  /** Identifiers from the incident that match the record, as text. */
  agreed: z.array(z.string()),
  /** Identifiers from the incident that the service does not have and that could not be compared, as text. */
  unchecked: z.array(z.string()),
  /** How the record was chosen among several of the service, as sentences. */
  notes: z.array(z.string()).optional(),
});
/** A record that an enrichment has read, with what it is known by elsewhere. */
export const readRecordSchema = recordRefSchema.extend({ ids: targetRecordSchema.shape.ids.optional() });
export type RecordRef = z.infer<typeof recordRefSchema>;
export type ReadRecord = z.infer<typeof readRecordSchema>;
export type RecordKind = RecordRef['kind'];
export type TargetRecord = z.infer<typeof targetRecordSchema>;

const LONGEST_NAME = 120;

/** The reference alone, without what only a plan needs. */
export function recordRef({ kind, id, name, foundBy, certainty, facts }: RecordRef): RecordRef {
  return { kind, id, name, foundBy, certainty, ...(facts === undefined ? {} : { facts }) };
}

/** `ws-1.contoso.com (0142…)`: the service's name with the id. */
export function recordWords({ name, id }: Pick<RecordRef, 'name' | 'id'>): string {
  const shown = clip(visible(name), LONGEST_NAME);
  return shown === '' || lowerCase(shown) === lowerCase(id) ? id : `${shown} (${id})`;
}

/** A record that may be the right one: what an analyst needs to confirm it. */
export function candidateWords(record: RecordRef): string {
  const facts = record.facts === undefined ? '' : `, ${visible(record.facts)}`;
  return `${recordWords(record)}${facts}. ${foundWords(record)} Confirm that it is the right one.`;
}

/** The record, with the incident's name for it if that differs. Used wherever a target is shown. */
export function targetWords(record: Pick<RecordRef, 'name' | 'id'>, said: string): string {
  const shown = clip(visible(said), LONGEST_NAME).replaceAll(/[“”]/g, "'");
  const same = [record.name, record.id, ''].some((name) => lowerCase(visible(name)) === lowerCase(shown));
  return same ? recordWords(record) : `${recordWords(record)}, in the incident “${shown}”`;
}

/** The identifiers that could not be compared, for the approver. Undefined: all were. */
export function uncheckedWords({ unchecked }: Pick<TargetRecord, 'unchecked'>): string | undefined {
  return unchecked.length === 0
    ? undefined
    : `Not checked, because the service does not have it: ${unchecked.join(', ')}.`;
}

/** The subject of an enrichment: the record's name alone if the incident uses the same name. */
export function subjectWords(record: Pick<RecordRef, 'name' | 'id'>, said: string): string {
  const words = targetWords(record, said);
  return words === recordWords(record) && record.name !== '' ? clip(record.name, LONGEST_NAME) : words;
}

/** The differences between two reads of a record, as text. New identifiers are no difference. Empty: the same record. */
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
    return [`its ${part} was ${visible(was)} and is now ${is === undefined ? 'empty' : visible(is)}`];
  });
}
