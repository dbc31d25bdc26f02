/**
 * Whom an incident names, by whatever it names them: all that its entities and alerts say of people and their devices, also
 * entities of kinds that nothing is done with. Each identifier counts by itself, because they may disagree.
 */
import { z } from 'zod';
import { lowerCase } from './letters.js';
import type { RecordRef, TargetRecord } from './target.js';

const text = z.string().min(1);

/** An account, as far as its names may have to be told from other people's. */
export const involvedAccountSchema = z.object({
  objectId: text.optional(),
  upn: text.optional(),
  sid: text.optional(),
  /** Without a domain. */
  name: text.optional(),
  /** What it is shown as. */
  displayName: text.optional(),
});
export type InvolvedAccount = z.infer<typeof involvedAccountSchema>;

export const involvedSchema = z.object({
  /** GUIDs, lower case: among them object ids of users. */
  objectIds: z.array(text),
  /** Mail addresses and user principal names, lower case. */
  addresses: z.array(text),
  /** Upper case. */
  sids: z.array(text),
  accounts: z.array(involvedAccountSchema),
  /** GUIDs of devices, lower case: among them Entra's device ids. */
  devices: z.array(text),
  /** Bare names, lower case, of devices of which no id of Entra's is known. */
  deviceNames: z.array(text).default([]),
});
export type Involved = z.infer<typeof involvedSchema>;

export const NOBODY: Involved = {
  objectIds: [],
  addresses: [],
  sids: [],
  accounts: [],
  devices: [],
  deviceNames: [],
};

/** With what the services know of the records that the entities stand for: an incident may know less. */
export function withRecords(
  involved: Involved,
  records: readonly (RecordRef & Partial<Pick<TargetRecord, 'ids'>>)[],
): Involved {
  const users = records.filter(({ kind }) => kind === 'entra.user');
  const machines = records.filter(({ kind }) => kind === 'defender.machine');
  const devices = machines.flatMap(({ ids }) => ids?.aadDeviceId ?? []);
  const known = new Set(machines.flatMap(({ id, ids }) => (ids?.aadDeviceId ? [id] : [])));
  const named = machines.flatMap(({ id, name }) => (known.has(id) ? [] : bareName(name)));
  return {
    ...involved,
    objectIds: each(
      involved.objectIds,
      users.map(({ id }) => lowerCase(id)),
    ),
    addresses: each(
      involved.addresses,
      users.map(({ name }) => lowerCase(name)),
    ),
    devices: each(involved.devices, devices.map(lowerCase)),
    deviceNames: each(involved.deviceNames, named),
  };
}

/** A name of a device up to the first dot, in lower case; none where nothing is before it. */
export function bareName(name: string): string[] {
  const [bare = ''] = lowerCase(name.trim()).split('.', 1);
  return bare === '' ? [] : [bare];
}

const each = (some: readonly string[], more: readonly string[]) => [...new Set([...some, ...more])].sort();
