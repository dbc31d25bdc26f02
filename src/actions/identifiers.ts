/** Compares the identifiers of an incident's entity with a record of a service. */

import { clip } from '../domain/clip.js';
import type { FurtherId } from '../domain/entities.js';
import { type RecordRef, recordWords, type TargetRecord } from '../domain/target.js';
import { lowerCase } from '../domain/unicode-text.js';
import { visible } from '../domain/visible.js';
import type { Refusal, Resolution } from './define.js';

/** A record before the incident's identifiers are compared with it. */
export type FoundRecord = Omit<TargetRecord, 'agreed' | 'unchecked'>;

export type Algorithm = 'md5' | 'sha1' | 'sha256' | 'other';
type MessageIdentifier = 'networkMessageId' | 'internetMessageId' | 'recipient';
export interface Claim {
  readonly id: FurtherId['id'] | Algorithm | 'address' | MessageIdentifier | 'appId';
  readonly value: string;
}
/**
 * Result for one identifier: it belongs to the record; it does not, with its owner if known; or the service does not
 * have it.
 */
export type Check =
  | { readonly state: 'agrees' | 'unchecked' }
  | { readonly state: 'differs'; readonly of?: Pick<RecordRef, 'id' | 'name'> };
export const AGREES: Check = { state: 'agrees' };
export const UNCHECKED: Check = { state: 'unchecked' };
export const DIFFERS: Check = { state: 'differs' };

const WORDS: Readonly<Record<Claim['id'], string>> = {
  mdeId: 'Defender device id',
  aadDeviceId: 'Entra device id',
  azureId: 'Azure resource id',
  fqdn: 'full name',
  hostName: 'host name',
  netBiosName: 'NetBIOS name',
  dnsDomain: 'DNS domain',
  omsAgentId: 'Log Analytics agent id',
  objectId: 'object id',
  upn: 'user principal name',
  sid: 'security identifier',
  name: 'account name',
  ntDomain: 'NT domain',
  displayName: 'display name',
  friendlyName: 'friendly name',
  upnSuffix: 'suffix',
  tenantId: 'tenant id',
  puid: 'PUID',
  objectGuid: 'object GUID on premises',
  md5: 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  other: 'hash',
  address: 'address',
  networkMessageId: 'network message id',
  internetMessageId: 'internet message id',
  recipient: 'recipient',
  appId: 'application id',
};
const LONGEST_VALUE = 80;
/** No real entity has so many identifiers, and each may cost a call. */
const MOST_CLAIMS = 40;
/** At most this many disagreements are searched and reported. */
const MOST_NAMED = 3;

export function describeClaim({ id, value }: Claim): string {
  return `${WORDS[id]} ${clip(visible(value), LONGEST_VALUE)}`;
}

/**
 * The record with the compared identifiers; refused if an identifier belongs to another record or to none. Checks run one
 * after the other: most of them need no call.
 */
export async function verifyClaims<R>(
  found: R,
  record: FoundRecord,
  claims: readonly Claim[],
  check: (claim: Claim) => Check | Promise<Check>,
): Promise<Resolution<R>> {
  const checked: { readonly claim: Claim; readonly result: Check }[] = [];
  const others: typeof checked = [];
  if (claims.length > MOST_CLAIMS) return tooMany(record, claims.length);
  for (const claim of claims) {
    const result = await check(claim);
    checked.push({ claim, result });
    if (result.state === 'differs') others.push({ claim, result });
    if (others.length === MOST_NAMED) break;
  }
  const those = (state: Check['state']) =>
    checked.filter(({ result }) => result.state === state).map(({ claim }) => describeClaim(claim));
  if (others.length > 0) return disagreement(record, those('agrees'), others);
  return { ok: true, found, record: { ...record, agreed: those('agrees'), unchecked: those('unchecked') } };
}

function disagreement(
  record: Pick<RecordRef, 'id' | 'name'>,
  own: readonly string[],
  others: readonly { readonly claim: Claim; readonly result: Check }[],
): Refusal {
  const each = others.map(({ claim, result }) => {
    const of = result.state === 'differs' ? result.of : undefined;
    return `${describeClaim(claim)} ${of === undefined ? 'does not' : `belongs to ${recordWords(of)}`}`;
  });
  const by =
    own.length === 0 ? 'One of them leads' : `${own.join(', ')} ${own.length === 1 ? 'leads' : 'lead'}`;
  const reason = `The identifiers in the incident disagree. ${by} to ${recordWords(record)}; ${each.join('; ')}.`;
  return { ok: false, code: 'identifiers-disagree', reason };
}

function tooMany(record: Pick<RecordRef, 'id' | 'name'>, count: number): Refusal {
  const reason = `The incident gives ${count} identifiers for ${recordWords(record)}: too many for one record.`;
  return { ok: false, code: 'identifiers-disagree', reason };
}

/** Whether ids or names from two services are equal. */
export function isSame(one: string | null | undefined, other: string | null | undefined): boolean {
  return !!one && !!other && lowerCase(one) === lowerCase(other);
}

/** Each identifier once, in their order. */
export function claimsOf(
  fields: readonly (readonly [Claim['id'], string | undefined])[],
  further: readonly FurtherId[] = [],
): Claim[] {
  const all = [...fields.flatMap(([id, value]) => (value === undefined ? [] : [{ id, value }])), ...further];
  const seen = new Set<string>();
  return all.filter(({ id, value }) => {
    const key = `${id} ${lowerCase(value)}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
