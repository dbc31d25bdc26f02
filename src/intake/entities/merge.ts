import type { Entity, EntityOf, FurtherId } from '../../domain/entities.js';
import { identityRank } from '../../domain/identity-rank.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { inStableOrder } from '../stable-order.js';
import { hashesOf } from './file.js';
import { furtherIds } from './said.js';

/**
 * Merges duplicate entities, because otherwise a response would run twice on one target. Sentinel may list one account
 * twice, with an object id and with only a UPN. They are merged if the identifier of the weaker entity matches exactly
 * one better identified entity and nothing contradicts it. The result does not depend on the input order: better
 * identified entities are merged first, because the identifiers that they gain can distinguish the weaker ones.
 * @returns also the key of each entity that was merged into one with another key
 */
export function mergeEntities(entities: readonly Entity[]): {
  readonly merged: Entity[];
  readonly mergedInto: ReadonlyMap<string, string>;
} {
  const same = new Map<string, Entity[]>();
  for (const entity of entities) {
    const others = same.get(entity.key);
    if (others === undefined) same.set(entity.key, [entity]);
    else others.push(entity);
  }
  const found = new Found();
  const mergedInto = new Map<string, string>();
  for (const key of [...same.keys()].sort()) {
    const [first, ...others] = inStableOrder(same.get(key) ?? []);
    if (first !== undefined) found.set(others.length === 0 ? first : join(first, others));
  }
  for (const entity of [...found.all()].sort(
    (a, b) => identityRank(a) - identityRank(b) || compare(a.key, b.key),
  )) {
    const [only, another] = found.near(entity).filter((other) => isSame(entity, other));
    if (only === undefined || another !== undefined) continue;
    found.delete(entity);
    found.set(join(only, [entity]));
    mergedInto.set(entity.key, only.key);
  }
  return { merged: [...found.all()].sort((a, b) => compare(a.key, b.key)), mergedInto };
}

/** An identifier that more entities share identifies none of them, and comparing all of them would take too long. */
const MOST_NEAR = 100;

/** Entities by their key and by the identifiers that may show that two of them are the same. */
class Found {
  readonly #byKey = new Map<string, Entity>();
  readonly #byId = new Map<string, Set<string>>();

  all(): IterableIterator<Entity> {
    return this.#byKey.values();
  }

  set(entity: Entity): void {
    this.#byKey.set(entity.key, entity);
    for (const id of identifiersOf(entity)) {
      const keys = this.#byId.get(id) ?? new Set();
      this.#byId.set(id, keys.add(entity.key));
    }
  }

  delete(entity: Entity): void {
    this.#byKey.delete(entity.key);
    for (const id of identifiersOf(entity)) this.#byId.get(id)?.delete(entity.key);
  }

  /** Better identified entities that share an identifier; none if there are too many. */
  near(entity: Entity): Entity[] {
    const keys = identifiersOf(entity).map((id) => this.#byId.get(id) ?? new Set<string>());
    if (keys.some(({ size }) => size > MOST_NEAR)) return [];
    const near = [...new Set(keys.flatMap((some) => [...some]))].flatMap((key) => this.#byKey.get(key) ?? []);
    return near.filter((other) => identityRank(other) < identityRank(entity));
  }
}

function identifiersOf(entity: Entity): string[] {
  if (entity.kind === 'account') {
    const name = domainNameOf(entity);
    const ids = ACCOUNT_IDS.flatMap((id) => (entity[id] === undefined ? [] : `${id} ${entity[id]}`));
    const upn = suffixedNameOf(entity);
    return [
      ...ids,
      ...(name === undefined ? [] : [`name ${name}`]),
      ...(upn === undefined ? [] : [`upn ${upn}`]),
    ];
  }
  if (entity.kind !== 'host') return [];
  return HOST_IDS.flatMap((id) => (entity[id] === undefined ? [] : `${id} ${entity[id]}`));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Values of the first take precedence; the second fills the gaps. Differing values of the second go to `further`: two
 * entities may share an identifier and still be different, and a response must detect that.
 */
function join<E extends Entity>(first: E, others: readonly Entity[]): E {
  const joined = Object.assign({}, ...[first, ...others].reverse()) as E;
  const verdict = worst([first, ...others]);
  const known: E = verdict === undefined ? joined : { ...joined, verdict };
  if (known.kind === 'account') {
    return { ...known, ...furtherOf(ACCOUNT_FIELDS, known, [first, ...others].filter(isKind('account'))) };
  }
  if (known.kind === 'host') {
    return { ...known, ...furtherOf(HOST_FIELDS, known, [first, ...others].filter(isKind('host'))) };
  }
  if (known.kind === 'file') {
    const files = [first, ...others].filter(isKind('file'));
    return { ...known, hashes: hashesOf(files.flatMap(({ hashes }) => hashes)) };
  }
  return known;
}

const isKind =
  <K extends Entity['kind']>(kind: K) =>
  (entity: Entity): entity is EntityOf<K> =>
    entity.kind === kind;

/** An entity that one alert found clean may still be malicious in another. */
function worst(entities: readonly Entity[]): Entity['verdict'] {
  const said = new Set(entities.map(({ verdict }) => verdict));
  return (['malicious', 'suspicious', 'clean'] as const).find((verdict) => said.has(verdict));
}

const ACCOUNT_FIELDS = ['objectId', 'upn', 'sid', 'name', 'ntDomain', 'tenantId'] as const;
const HOST_FIELDS = ['mdeId', 'aadDeviceId', 'azureId', 'fqdn', 'hostName', 'dnsDomain'] as const;

type Identified<K extends FurtherId['id']> = Readonly<Partial<Record<K, string | undefined>>> & {
  readonly further?: readonly FurtherId[] | undefined;
};

/** All identifiers of all that are not fields of the merged entity. */
function furtherOf<K extends FurtherId['id']>(
  fields: readonly K[],
  joined: Identified<K>,
  all: readonly Identified<K>[],
): { further?: FurtherId[] } {
  const said = all.flatMap((entity) => [
    ...fields.flatMap((id) => (entity[id] === undefined ? [] : [{ id, value: entity[id] }])),
    ...(entity.further ?? []),
  ]);
  const ids: Partial<Record<FurtherId['id'], string[]>> = {};
  for (const { id, value } of said) {
    const values = ids[id];
    if (values === undefined) ids[id] = [value];
    else values.push(value);
  }
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

/** By account name and domain. */
function sameDomainName(weaker: EntityOf<'account'>, better: EntityOf<'account'>): boolean {
  const name = domainNameOf(weaker);
  if (name === undefined || ACCOUNT_IDS.some((id) => weaker[id] !== undefined)) return false;
  return name === domainNameOf(better) || (better.upn !== undefined && suffixedNameOf(weaker) === better.upn);
}

const domainNameOf = ({ ntDomain, name }: EntityOf<'account'>) =>
  ntDomain && name ? lowerCase(`${ntDomain}\\${name}`) : undefined;

/** A domain with a dot may be the suffix of a user principal name. */
const suffixedNameOf = ({ ntDomain, name }: EntityOf<'account'>) =>
  ntDomain?.includes('.') && name ? lowerCase(`${name}@${ntDomain}`) : undefined;
