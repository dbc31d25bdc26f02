import type { Entity, EntityOf, FurtherId } from '../../domain/entities.js';
import { lowerCase } from '../../domain/letters.js';
import { canonicalJson } from '../warnings.js';
import { hashesOf } from './file.js';
import { furtherIds } from './said.js';

/**
 * Each thing once. The same account comes as one entity with an object id and another with only a UPN: they are
 * one if the weaker one's identifier belongs to exactly one better identified entity and nothing contradicts it.
 * Otherwise a response would be carried out twice on one target. The result does not depend on the order:
 * the better identified go first, so that what they gain can tell the weaker ones apart.
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
  for (const entity of [...byKey.values()].sort((a, b) => rankOf(a) - rankOf(b) || compare(a.key, b.key))) {
    const better = [...byKey.values()].filter(
      (other) => rankOf(other) < rankOf(entity) && isSame(entity, other),
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
 * The first one's values win; what it lacks comes from the second. Where they differ, the second's are kept beside
 * them: two entities may share one identifier and be two things all the same, and whoever acts must see that.
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

/** Every identifier of both that is no field of the joined one. */
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

/** How good an entity's identity is: 0 is best. Kinds without a ladder have one rung. */
function rankOf(entity: Entity): number {
  if (entity.kind === 'account') return rung(ACCOUNT_IDS.map((id) => entity[id]));
  if (entity.kind === 'host') return rung(HOST_IDS.map((id) => entity[id]));
  return 0;
}

function rung(ids: readonly (string | undefined)[]): number {
  const first = ids.findIndex((id) => id !== undefined);
  return first === -1 ? ids.length : first;
}

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

function sameDomainName(weaker: EntityOf<'account'>, better: EntityOf<'account'>): boolean {
  const name = (account: EntityOf<'account'>) =>
    account.ntDomain && account.name ? lowerCase(`${account.ntDomain}\\${account.name}`) : undefined;
  const onlyName = ACCOUNT_IDS.every((id) => weaker[id] === undefined);
  return onlyName && name(weaker) !== undefined && name(weaker) === name(better);
}
