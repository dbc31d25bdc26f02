/** Accounts of Windows itself and of computers: no one uses them to sign in, so there is no one to stop. */
import type { Entity, EntityOf, FurtherId } from '../../domain/entities.js';
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

/**
 * Marks the built-in accounts of an incident. Whatever has a directory's identifier is none: it is looked up. Attackers
 * name accounts like those of Windows and of computers: what does not show that it is one stays in view.
 * @param read the entities before they were merged. A well-known security identifier is about the entity it is in, not
 * about another one of the same name.
 */
export function markBuiltIn(entities: readonly Entity[], read: readonly Entity[]): Entity[] {
  const places = placesOf(read);
  const others = new Set(read.filter((one) => !isOfWindows(one, places)).map(({ key }) => key));
  return entities.map((entity) => {
    const isWindows = isOfWindows(entity, places) && !others.has(entity.key);
    return isWindows || isComputer(entity, places) ? { ...entity, identity: 'built-in' } : entity;
  });
}

/** What the incident says about its computers and domains, in lower case. */
interface Places {
  /** Whether a domain is a computer of the incident: its accounts are local ones. */
  isHost(domain: string): boolean;
  /** Computers by their bare host name, also cut to the length of NetBIOS names. */
  readonly named: ReadonlySet<string>;
  /** Those of them that an id or a full name identifies; an attacker can make up a bare name. */
  readonly known: ReadonlySet<string>;
  /** Domains of hosts, and of accounts that have an identifier of their own. */
  readonly domains: ReadonlySet<string>;
}

function placesOf(read: readonly Entity[]): Places {
  const hosts = read.flatMap((entity) => (entity.kind === 'host' ? [entity] : []));
  const accounts = read.flatMap((entity) =>
    entity.kind === 'account' && entity.identity === 'strong' ? [entity] : [],
  );
  const all = ['.', 'localhost', ...hosts.flatMap((host) => HOST_NAMES.flatMap((id) => valuesOf(host, id)))];
  const local = new Set(all.flatMap((name) => [lowerCase(name), labelOf(name)]));
  const bare = (some: typeof hosts) =>
    new Set(some.flatMap(({ hostName }) => (hostName ? [hostName, hostName.slice(0, NETBIOS_LENGTH)] : [])));
  const ofHosts = hosts.flatMap((host) => [...valuesOf(host, 'dnsDomain'), ...valuesOf(host, 'ntDomain')]);
  const domains = [...ofHosts, ...accounts.flatMap((account) => valuesOf(account, 'ntDomain'))];
  return {
    isHost: (domain) => local.has(domain) || local.has(labelOf(domain)),
    named: bare(hosts),
    known: bare(hosts.filter(({ identity }) => identity === 'strong')),
    domains: new Set(domains.flatMap((domain) => [lowerCase(domain), labelOf(domain)])),
  };
}

/** By its security identifier, in every language, or else by its domain. */
function isOfWindows(entity: Entity, places: Places): boolean {
  if (entity.kind !== 'account' || isOfDirectory(entity)) return false;
  const sids = valuesOf(entity, 'sid');
  const domains = valuesOf(entity, 'ntDomain').map(lowerCase);
  const isOfAuthority = domains.length > 0 && domains.every((one) => AUTHORITIES.has(one));
  if (sids.length === 0 || !sids.every(isWellKnown)) return sids.length === 0 && isOfAuthority;
  if (isOfAuthority) return true;
  // The security identifier of another account, e.g. of the one that started a process, beside a user of a domain.
  if (domains.some(places.isHost)) return false;
  // A computer that runs as the system is one only if the incident has it: hidden users have such names, too.
  if (valuesOf(entity, 'name').some((name) => name.endsWith('$'))) return isNamedLike(places.named, entity);
  return !domains.some((one) => places.domains.has(one));
}

/** `CORP\WS-1$`, if WS-1 is a computer of the incident: users and local accounts may have such names, too. */
function isComputer(entity: Entity, places: Places): boolean {
  if (entity.kind !== 'account' || isOfDirectory(entity)) return false;
  const domains = valuesOf(entity, 'ntDomain').map(lowerCase);
  const own = valuesOf(entity, 'sid').filter((sid) => !isWellKnown(sid));
  if (domains.some(places.isHost)) return false;
  // Without its domain, the security identifier may be that of a local account.
  const isPossible = own.length === 0 || (own.length === 1 && domains.length > 0);
  if (!isPossible || !own.every((sid) => OF_DOMAIN.test(sid))) return false;
  const hosts = own.length === 0 ? places.named : places.known;
  return isNamedLike(hosts, entity);
}

function isNamedLike(hosts: ReadonlySet<string>, account: EntityOf<'account'>): boolean {
  const computers = computersOf(account);
  return computers.length > 0 && computers.every((name) => hosts.has(name));
}

/** Of a domain or a computer; smaller numbers at the end are those of built-in users and groups. */
const OF_DOMAIN = /^S-1-5-21-\d+-\d+-\d+-\d{4,}$/;
/** NetBIOS names have at most 15 characters. */
const NETBIOS_LENGTH = 15;

/** The names of the computers that an account is called after; none if it has another name, too. */
function computersOf(account: EntityOf<'account'>): string[] {
  const names = valuesOf(account, 'name').map(lowerCase);
  return names.every((name) => name.length > 1 && name.endsWith('$'))
    ? names.map((name) => name.slice(0, -1))
    : [];
}

const isOfDirectory = (account: EntityOf<'account'>): boolean =>
  (['objectId', 'upn', 'puid'] as const).some((id) => valuesOf(account, id).length > 0);

const HOST_NAMES = ['hostName', 'fqdn', 'netBiosName'] as const;
const labelOf = (name: string) => lowerCase(name).split('.', 1)[0] ?? '';

function valuesOf(entity: EntityOf<'account'> | EntityOf<'host'>, id: FurtherId['id']): string[] {
  const first: unknown = Object.hasOwn(entity, id) ? entity[id as keyof typeof entity] : undefined;
  const more = (entity.further ?? []).flatMap((one) => (one.id === id ? [one.value] : []));
  return typeof first === 'string' ? [first, ...more] : more;
}
