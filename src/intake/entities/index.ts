import type { Entity, EntityOf } from '../../domain/entities.js';
import { lowerCase, wellFormed } from '../../domain/unicode-text.js';
import { clip, fieldOf, textOf } from '../text.js';
import { canonicalJson, fingerprint, referenceOf, type Warning } from '../warnings.js';
import { type Resource, resourceSchema } from '../wire.js';
import { accountOf } from './account.js';
import { markBuiltIn } from './built-in.js';
import { fileHashOf, fileOf } from './file.js';
import { hostOf } from './host.js';
import { ipOf } from './ip.js';
import { mergeEntities } from './merge.js';
import { processOf } from './process.js';

/** Sentinel's entity kinds that the responder displays but does not act on. */
const SHOWN_ONLY = new Set(
  (
    'azureresource bookmark cloudapplication dnsresolution iotdevice mailbox mailcluster mailmessage malware nic ' +
    'registrykey registryvalue securityalert securitygroup submissionmail'
  ).split(' '),
);

/**
 * The entities of an incident without duplicates, sorted by key, because Sentinel's order has no meaning. Entities of
 * unknown kinds and entities without an identifier become `other`, with a warning.
 */
export function normaliseEntities(list: readonly unknown[]): { entities: Entity[]; warnings: Warning[] } {
  const warnings: Warning[] = [];
  const resources = list.flatMap((item) => {
    const parsed = resourceSchema.safeParse(item);
    if (!parsed.success) warnings.push({ path: 'entities', code: 'not-an-entity' });
    return parsed.success ? [parsed.data] : [];
  });
  const links = linksOf(resources);
  const entities = resources.map((resource) => {
    const entity = recognised(resource, links);
    if (entity) return entity;
    const known = SHOWN_ONLY.has(lowerCase(resource.kind));
    const code = isModelled(resource.kind) ? 'unidentified-entity' : 'unknown-entity-kind';
    if (!known) warnings.push({ path: `entities/${referenceOf(resource)}`, code });
    return otherOf(resource);
  });
  return { entities: markBuiltIn(mergeEntities(entities)), warnings };
}

const MODELLED = ['account', 'host', 'ip', 'filehash', 'file', 'process', 'url'];
const isModelled = (kind: string) => MODELLED.includes(lowerCase(kind));

function recognised(resource: Resource, links: Links): Entity | undefined {
  const { properties } = resource;
  switch (lowerCase(resource.kind)) {
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
    default:
      return undefined;
  }
}

function urlOf(properties: unknown): EntityOf<'url'> | undefined {
  const url = textOf(fieldOf(properties, 'url'));
  if (url === undefined) return undefined;
  return { kind: 'url', key: `url:${url}`, display: clip(url, 200), identity: 'strong', url };
}

function otherOf(resource: Resource): EntityOf<'other'> {
  const { id: _id, ...content } = resource;
  const kind = wellFormed(resource.kind);
  const name =
    textOf(fieldOf(resource.properties, 'friendlyName')) ??
    textOf(fieldOf(resource.properties, 'address')) ??
    kind;
  return {
    kind: 'other',
    key: `other:${clip(lowerCase(kind), 60)}:${fingerprint(content)}`,
    display: clip(name, 200),
    identity: 'weak',
    originalKind: kind,
  };
}

interface Links {
  hash(id: string): EntityOf<'fileHash'> | undefined;
  fileName(id: string): string | undefined;
}

/** Entities link to each other by ARM id, or by its last segment alone. */
function linksOf(resources: readonly Resource[]): Links {
  const byName = new Map<string, Resource>();
  const sorted = [...resources].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  for (const resource of sorted) {
    for (const id of [resource.id, resource.name]) {
      const last = lastPart(id ?? '');
      if (last !== '' && !byName.has(last)) byName.set(last, resource);
    }
  }
  const find = (id: string) => byName.get(lastPart(id));
  return {
    hash: (id) => fileHashOf(find(id)?.properties),
    fileName: (id) => textOf(fieldOf(find(id)?.properties, 'fileName')),
  };
}

const lastPart = (id: string) => lowerCase(id).split('/').at(-1) ?? '';
