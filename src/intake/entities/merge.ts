import type { Entity, EntityOf, FurtherId } from '../../domain/entities.js';
import { identityRank } from '../../domain/identity-rank.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { canonicalJson } from '../warnings.js';
import { hashesOf } from './file.js';
import { furtherIds } from './said.js';

/**
 * Merges duplicate entities, because otherwise a response would run twice on one target. Sentinel may list one account
 * twice, with an object id and with only a UPN. They are merged if the identifier of the weaker entity matches exactly
 * one better identified entity and nothing contradicts it. The result does not depend on the input order: better
 * identified entities are merged first, because the identifiers that they gain can distinguish the weaker ones.
 */
export function mergeEntities(entities: readonly Entity[]): Entity[] {
  const sorted = [...entities].sort(
    (a, b) => compare(a.key, b.key) || compare(canonicalJson(a), canonicalJson(b)),
  );
  const byKey = new Map<string, Entity>();
  for (const entity of sorted) {
    const first = byKey.get(entity.key);
    byKey.set(entity.key, first ? join(first, entity) : entity);
  }
  for (const entity of [...byKey.values()].sort(
    (a, b) => identityRank(a) - identityRank(b) || compare(a.key, b.key),
  )) {
    const better = [...byKey.values()].filter(
      (other) => identityRank(other) < identityRank(entity) && isSame(entity, other),
    );
    const [only] = better;
    if (!only || better.length !== 1) continue;
    byKey.delete(entity.key);
    byKey.set(only.key, join(only, entity));
  }
  return [...byKey.values()].sort((a, b) => compare(a.key, b.key));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Values of the first take precedence; the second fills the gaps. Differing values of the second go to `further`: two
 * entities may share an identifier and still be different, and a response must detect that.
 */
function join<E extends Entity>(first: E, second: Entity): E {
  const joined = { ...second, ...first };
  if (joined.kind === 'account' && second.kind === 'account' && first.kind === 'account') {
    return { ...joined, ...furtherOf(ACCOUNT_FIELDS, joined, first, second) };
  }
  if (joined.kind === 'host' && second.kind === 'host' && first.kind === 'host') {
    return { ...joined, ...furtherOf(HOST_FIELDS, joined, first, second) };
  }
  if (joined.kind === 'file' && second.kind === 'file' && first.kind === 'file') {
    return { ...joined, hashes: hashesOf([...first.hashes, ...second.hashes]) };
  }
  return joined;
}

const ACCOUNT_FIELDS = ['objectId', 'upn', 'sid', 'name', 'ntDomain', 'tenantId'] as const;
const HOST_FIELDS = ['mdeId', 'aadDeviceId', 'azureId', 'fqdn', 'hostName', 'dnsDomain'] as const;

type Identified<K extends FurtherId['id']> = Readonly<Partial<Record<K, string | undefined>>> & {
  readonly further?: readonly FurtherId[] | undefined;
};

/** All identifiers of both that are not fields of the merged entity. */
function furtherOf<K extends FurtherId['id']>(
  fields: readonly K[],
  joined: Identified<K>,
  ...both: readonly Identified<K>[]
): { further?: FurtherId[] } {
  const all = both.flatMap((entity) => [
    ...fields.flatMap((id) => (entity[id] === undefined ? [] : [{ id, value: entity[id] }])),
    ...(entity.further ?? []),
  ]);
  const ids: Partial<Record<FurtherId['id'], string[]>> = {};
  for (const { id, value } of all) ids[id] = [...(ids[id] ?? []), value];
  return furtherIds(ids, Object.fromEntries(fields.map((id) => [id, joined[id]])));
}

const ACCOUNT_IDS = ['objectId', 'sid', 'upn'] as const;
const HOST_IDS = ['mdeId', 'aadDeviceId', 'azureId', 'fqdn', 'hostName'] as const;

function isSame(weaker: Entity, better: Entity): boolean {
  if (weaker.kind === 'account' && better.kind === 'account') {
    return agrees(ACCOUNT_IDS, weaker, better) || sameDomainName(weaker, better);
  }
  if (weaker.kind === 'host' && better.kind === 'host') {
    const domains = [weaker.dnsDomain, better.dnsDomain];
    const contradicts = domains[0] !== undefined && domains[1] !== undefined && domains[0] !== domains[1];
    return !contradicts && agrees(HOST_IDS, weaker, better);
  }
  return false;
}

function agrees<K extends string>(
  ids: readonly K[],
  weaker: Readonly<Partial<Record<K, string | undefined>>>,
  better: Readonly<Partial<Record<K, string | undefined>>>,
): boolean {
  const shared = ids.filter((id) => weaker[id] !== undefined && better[id] !== undefined);
  return shared.length > 0 && shared.every((id) => weaker[id] === better[id]);
}

/** By account name and domain. A domain with a dot may be the suffix of a user principal name. */
function sameDomainName(weaker: EntityOf<'account'>, better: EntityOf<'account'>): boolean {
  const { name, ntDomain } = weaker;
  if (!name || !ntDomain || ACCOUNT_IDS.some((id) => weaker[id] !== undefined)) return false;
  if (ntDomain.includes('.') && better.upn === lowerCase(`${name}@${ntDomain}`)) return true;
  const isSameText = (one: string, other: string | undefined) =>
    other !== undefined && lowerCase(one) === lowerCase(other);
  return isSameText(name, better.name) && isSameText(ntDomain, better.ntDomain);
}
