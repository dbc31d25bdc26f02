/** Accounts of Windows itself and of computers: no one uses them to sign in, so there is no one to stop. */
import type { Entity, EntityOf } from '../../domain/entities.js';
import { lowerCase } from '../../domain/unicode-text.js';

/**
 * Security identifiers that are the same on every machine, in every language: authorities, logon sessions, built-in
 * groups, services and their kind (80 to 111), app containers and capabilities, integrity levels.
 * https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
 */
const WELL_KNOWN = [
  /^S-1-(0-0|1-0|2-[01]|3-[0-4]|5-(\d|1\d|20|33|113|114|1000))$/,
  /^S-1-5-5-\d+-\d+$/,
  /^S-1-5-(32|64|65)(-\d+)+$/,
  /^S-1-5-([89]\d|10\d|11[01])(-\d+)*$/,
  /^S-1-(15|16|18)(-\d+)+$/,
];
const isWellKnown = (sid: string) => WELL_KNOWN.some((pattern) => pattern.test(sid));

/** Domains of such accounts, for entities without a security identifier; some in the languages of Windows. */
const AUTHORITIES = new Set([
  ...['nt authority', 'nt-autorität', 'autorite nt', 'autorité nt', 'autoridade nt', 'zarządzanie nt'],
  ...['nt instans', 'nt service', 'nt virtual machine', 'window manager', 'font driver host', 'iis apppool'],
]);

/** Marks the built-in accounts of an incident. Whatever has a directory's identifier is none: it is looked up. */
export function markBuiltIn(entities: readonly Entity[]): Entity[] {
  const hosts = new Set(
    entities.flatMap((entity) => (entity.kind === 'host' && entity.hostName ? [entity.hostName] : [])),
  );
  return entities.map((entity) =>
    entity.kind === 'account' && isBuiltIn(entity, hosts) ? { ...entity, identity: 'built-in' } : entity,
  );
}

function isBuiltIn(account: EntityOf<'account'>, hosts: ReadonlySet<string>): boolean {
  const { objectId, upn } = account;
  if (objectId !== undefined || upn !== undefined) return false;
  const sids = valuesOf(account, 'sid');
  const domains = valuesOf(account, 'ntDomain').map(lowerCase);
  if (sids.some(isWellKnown)) return sids.every(isWellKnown);
  if (sids.length === 0 && domains.length > 0 && domains.every((one) => AUTHORITIES.has(one))) return true;
  // A local account of a computer may have such a name, too: attackers hide accounts in this way.
  return isComputer(account) && !domains.some((domain) => hosts.has(domain));
}

/** `WS-1$`. */
function isComputer(account: EntityOf<'account'>): boolean {
  const names = valuesOf(account, 'name');
  return names.length > 0 && names.every((name) => name.length > 1 && name.endsWith('$'));
}

function valuesOf(account: EntityOf<'account'>, id: 'sid' | 'name' | 'ntDomain'): string[] {
  const first = account[id];
  const more = (account.further ?? []).flatMap((one) => (one.id === id ? [one.value] : []));
  return first === undefined ? more : [first, ...more];
}
