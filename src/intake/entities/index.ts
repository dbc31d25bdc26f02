import type { Entity, EntityOf } from '../../domain/entities.js';
import { lowerCase, wellFormed } from '../../domain/unicode-text.js';
import { inStableOrder } from '../stable-order.js';
import { clip, fieldOf, firstText, textOf } from '../text.js';
import { fingerprint, rawOf, referenceOf, type Warning } from '../warnings.js';
import { type Resource, resourceSchema } from '../wire.js';
import { accountOf } from './account.js';
import { markBuiltIn } from './built-in.js';
import { fileHashOf, fileOf } from './file.js';
import { hostOf } from './host.js';
import { ipOf } from './ip.js';
import { mergeEntities } from './merge.js';
import { processOf } from './process.js';
import { firstSaid } from './said.js';
import { isShownKind, shownOf } from './shown.js';

/** By the item of the list; undefined: it has no identifier. */
export type ReadAccounts = ReadonlyMap<unknown, EntityOf<'account'> | undefined>;

/** By the item of the list, the key of its entity. */
export type ReadKeys = ReadonlyMap<unknown, string>;

/** Kinds in the list that are no entities: they are shown without a warning. */
const NO_ENTITIES = new Set(['securityalert', 'bookmark']);

/**
 * The entities of an incident without duplicates, sorted by key, because Sentinel's order has no meaning. Entities of
 * unknown kinds and entities without an identifier become `other`, with a warning.
 */
export function normaliseEntities(list: readonly unknown[]): {
  entities: Entity[];
  keys: ReadKeys;
  accounts: ReadAccounts;
  warnings: Warning[];
} {
  const warnings: Warning[] = [];
  const accounts = new Map<unknown, EntityOf<'account'> | undefined>();
  const read = list.flatMap((item) => {
    const parsed = resourceSchema.safeParse(item);
    if (!parsed.success) warnings.push({ path: 'entities', code: 'not-an-entity' });
    return parsed.success ? [{ item, resource: parsed.data }] : [];
  });
  const links = linksOf(read.map(({ resource }) => resource));
  const entities = read.map(({ item, resource }) => {
    const kind = plainKind(resource.kind);
    const entity = recognised(kind, resource, links);
    if (kind === 'account') accounts.set(item, entity?.kind === 'account' ? entity : undefined);
    if (entity) return withVerdict(entity, resource.properties);
    const path = `entities/${referenceOf(resource)}`;
    if (isModelled(kind)) warnings.push({ path, code: 'unidentified-entity' });
    else if (!NO_ENTITIES.has(kind)) {
      warnings.push({ path, code: 'unknown-entity-kind', ...rawOf(resource.kind) });
    }
    return otherOf(resource);
  });
  const { merged, mergedInto } = mergeEntities(entities);
  const keyOf = ({ key }: Entity) => mergedInto.get(key) ?? key;
  const keys = new Map(entities.map((entity, i) => [read[i]?.item, keyOf(entity)]));
  return { entities: markBuiltIn(merged, entities), keys, accounts, warnings };
}

/** Sources write one kind as `CloudApplication`, `cloud-application` or `cloud_application`. */
const plainKind = (kind: string) => lowerCase(kind).replace(/[-_\s]/g, '');

const MODELLED = ['account', 'host', 'ip', 'filehash', 'file', 'process', 'url'];
const isModelled = (kind: string) => MODELLED.includes(kind) || isShownKind(kind);

function recognised(kind: string, resource: Resource, links: Links): Entity | undefined {
  const { properties } = resource;
  switch (kind) {
    case 'account':
      return accountOf(properties);
    case 'host':
      return hostOf(properties);
    case 'ip':
      return ipOf(properties);
    case 'filehash':
      return fileHashOf(properties);
    case 'file':
      return fileOf(properties, links.hash);
    case 'process':
      return processOf(properties, links.fileName);
    case 'url':
      return urlOf(properties);
    case 'registryvalue':
      return shownOf(kind, {
        ...links.properties(textOf(fieldOf(properties, 'keyEntityId'))),
        ...properties,
      });
    default:
      return shownOf(kind, properties);
  }
}

const VERDICTS = {
  malicious: 'malicious',
  suspicious: 'suspicious',
  clean: 'clean',
  nothreatsfound: 'clean',
} as const;
function withVerdict(entity: Entity, properties: unknown): Entity {
  const said = firstSaid(properties, 'verdict') ?? firstSaid(properties, 'lastVerdict');
  const verdict = lowerCase(said ?? '');
  return Object.hasOwn(VERDICTS, verdict)
    ? { ...entity, verdict: VERDICTS[verdict as keyof typeof VERDICTS] }
    : entity;
}

function urlOf(properties: unknown): EntityOf<'url'> | undefined {
  const url = textOf(fieldOf(properties, 'url'));
  if (url === undefined) return undefined;
  return { kind: 'url', key: `url:${url}`, display: clip(url, 200), identity: 'strong', url };
}

function otherOf(resource: Resource): EntityOf<'other'> {
  // A name that the intake made itself says nothing about the entity.
  const { id: _id, name: given, properties, ...rest } = resource;
  const about = { ...rest, properties: withoutFindings(properties) };
  const content = given?.includes('#') ? about : { name: given, ...about };
  const kind = wellFormed(resource.kind);
  const name = firstText(resource.properties, ...CALLED) ?? kind;
  return {
    kind: 'other',
    key: `other:${clip(lowerCase(kind), 60)}:${fingerprint(content)}`,
    display: clip(name, 200),
    identity: 'weak',
    originalKind: kind,
  };
}

/** What people call an entity that could not be identified. */
const CALLED = ['friendlyName', 'address', 'displayName', 'hostName', 'accountName', 'name'];

/** What alerts find out about an entity changes while it remains the same one. */
const FINDINGS = [
  'verdict',
  'lastverdict',
  'remediationstatus',
  'remediationstatusdetails',
  'roles',
  'detailedroles',
];
function withoutFindings(properties: Resource['properties']): Resource['properties'] {
  const kept = Object.entries(properties ?? {}).filter(([name]) => !FINDINGS.includes(lowerCase(name)));
  return properties && Object.fromEntries(kept);
}

interface Links {
  hash(id: string): EntityOf<'fileHash'> | undefined;
  fileName(id: string): string | undefined;
  properties(id: string | undefined): Resource['properties'];
}

/** Entities link to each other by ARM id, or by its last segment alone. */
function linksOf(resources: readonly Resource[]): Links {
  const byName = new Map<string, Resource[]>();
  for (const resource of resources) {
    for (const id of [resource.id, resource.name]) {
      const last = lastPart(id ?? '');
      const others = byName.get(last);
      if (others === undefined) byName.set(last, [resource]);
      else others.push(resource);
    }
  }
  byName.delete('');
  const find = (id: string) => inStableOrder(byName.get(lastPart(id)) ?? [])[0];
  return {
    hash: (id) => fileHashOf(find(id)?.properties),
    properties: (id) => (id === undefined ? undefined : find(id)?.properties),
    fileName: (id) => textOf(fieldOf(find(id)?.properties, 'fileName')),
  };
}

const lastPart = (id: string) => lowerCase(id).split('/').at(-1) ?? '';
