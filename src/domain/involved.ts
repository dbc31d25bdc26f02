/**
 * The people and devices that an incident names, with all identifiers from its entities and alerts, including entity
 * kinds that no response acts on. Each identifier counts on its own, because they may disagree.
 */
import { z } from 'zod';
import type { ReadRecord } from './target.js';
import { lowerCase } from './unicode-text.js';

const text = z.string().min(1);

/** The identifiers of an account that may distinguish it from others. */
export const involvedAccountSchema = z.object({
  objectId: text.optional(),
  upn: text.optional(),
  sid: text.optional(),
  /** Without a domain. */
  name: text.optional(),
  /** Display name. */
  displayName: text.optional(),
});
export type InvolvedAccount = z.infer<typeof involvedAccountSchema>;

export const involvedSchema = z.object({
  /** GUIDs, lower case, including object ids of users. */
  objectIds: z.array(text),
  /** Mail addresses and user principal names, lower case. */
  addresses: z.array(text),
  /** Upper case. */
  sids: z.array(text),
  accounts: z.array(involvedAccountSchema),
  /** GUIDs of devices, lower case, including Entra device ids. */
  devices: z.array(text),
  /** Bare names, lower case, of devices without a known Entra device id. */
  deviceNames: z.array(text).default([]),
});
export type Involved = z.infer<typeof involvedSchema>;

export const NO_INVOLVED: Involved = {
  objectIds: [],
  addresses: [],
  sids: [],
  accounts: [],
  devices: [],
  deviceNames: [],
};

/** Adds identifiers from the services' records of the entities, which may have more than the incident. */
export function withRecords(involved: Involved, records: readonly ReadRecord[]): Involved {
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

/** All identifiers of several versions of an incident. */
export function mergeInvolved(all: readonly Involved[]): Involved {
  const accounts = new Map(
    all.flatMap(({ accounts: some }) => some).map((one) => [JSON.stringify(one), one]),
  );
  const union = (pick: (one: Involved) => readonly string[]) => each(all.flatMap(pick), []);
  return {
    objectIds: union(({ objectIds }) => objectIds),
    addresses: union(({ addresses }) => addresses),
    sids: union(({ sids }) => sids),
    accounts: [...accounts.values()],
    devices: union(({ devices }) => devices),
    deviceNames: union(({ deviceNames }) => deviceNames),
  };
}

/** A case file stores at most this many identifiers of each kind. An incident of thousands must not fill it. */
const MOST_STORED = 200;

/** What a case file stores, for later versions and runs of the incident. The first that were known remain. */
export function storedInvolved(known: Involved | undefined, more: readonly Involved[]): Involved {
  const stored = known ?? NO_INVOLVED;
  const all = mergeInvolved([stored, ...more]);
  const first = <T>(some: readonly T[], then: readonly T[], keyOf: (one: T) => unknown = (one) => one) =>
    [...new Map([...some, ...then].map((one) => [keyOf(one), one])).values()].slice(0, MOST_STORED);
  return {
    objectIds: first(stored.objectIds, all.objectIds),
    addresses: first(stored.addresses, all.addresses),
    sids: first(stored.sids, all.sids),
    accounts: first(stored.accounts, all.accounts, (one) => JSON.stringify(one)),
    devices: first(stored.devices, all.devices),
    deviceNames: first(stored.deviceNames, all.deviceNames),
  };
}

/** The device name up to the first dot, in lower case; empty if nothing precedes the dot. */
export function bareName(name: string): string[] {
  const [bare = ''] = lowerCase(name.trim()).split('.', 1);
  return bare === '' ? [] : [bare];
}

const each = (some: readonly string[], more: readonly string[]) => [...new Set([...some, ...more])].sort();
