/** How well an entity is identified. */
import type { Entity } from './entities.js';

const ACCOUNT_IDS = ['objectId', 'sid', 'upn'] as const;
const HOST_IDS = ['mdeId', 'aadDeviceId', 'azureId', 'fqdn', 'hostName'] as const;
const HASHES = ['sha256', 'sha1'] as const;
const ALGORITHMS = [...HASHES, 'md5', 'other'] as const;
const MAILBOX_IDS = ['objectId', 'upn', 'address'] as const;

const WEAK = 10;

/** 0 is best: the place of an entity's best identifier among those of its kind; weak ones come last. */
export function identityRank(entity: Entity): number {
  return placeOf(entity) + (entity.identity === 'strong' ? 0 : WEAK);
}

function placeOf(entity: Entity): number {
  switch (entity.kind) {
    case 'account':
      return firstPresent([...ACCOUNT_IDS.map((id) => entity[id]), entity.ntDomain]);
    case 'host':
      return firstPresent(HOST_IDS.map((id) => entity[id]));
    case 'file':
      return firstPresent(
        HASHES.map((algorithm) => entity.hashes.find((hash) => hash.algorithm === algorithm)),
      );
    case 'fileHash':
      return ALGORITHMS.indexOf(entity.algorithm);
    case 'mailbox':
      return firstPresent(MAILBOX_IDS.map((id) => entity[id]));
    default:
      return 0;
  }
}

function firstPresent(ids: readonly unknown[]): number {
  const first = ids.findIndex((id) => id !== undefined);
  return first === -1 ? ids.length : first;
}
