/**
 * Checks whether an incident concerns a given person. One matching identifier is enough, even if other identifiers of
 * the account differ. If the incident has a bare name only, the same name is enough to refuse. Pure.
 */
import type { Involved, InvolvedAccount } from '../domain/involved.js';

/** A user as Graph returns it: https://learn.microsoft.com/graph/api/resources/user */
export interface DirectoryUser {
  readonly id: string;
  readonly displayName?: string | null | undefined;
  readonly userPrincipalName?: string | null | undefined;
  readonly mail?: string | null | undefined;
  readonly mailNickname?: string | null | undefined;
  readonly securityIdentifier?: string | null | undefined;
  readonly onPremisesUserPrincipalName?: string | null | undefined;
  readonly onPremisesSamAccountName?: string | null | undefined;
  readonly onPremisesDomainName?: string | null | undefined;
  readonly onPremisesSecurityIdentifier?: string | null | undefined;
  /** Addresses with a prefix for their kind, e.g. `SMTP:`; includes former addresses. */
  readonly proxyAddresses?: readonly string[] | null | undefined;
  readonly otherMails?: readonly string[] | null | undefined;
}

/** `same-name`: only a name matches, and no identifier contradicts. */
export type AccountMatch = 'same' | 'same-name' | 'other';

/** True if the incident names the user by a unique identifier. */
export function isNamed({ objectIds, addresses, sids }: Involved, user: DirectoryUser): boolean {
  return (
    objectIds.includes(user.id.toLowerCase()) ||
    addressesOf(user).some((address) => addresses.includes(address.toLowerCase())) ||
    sidsOf(user).some((sid) => sids.includes(sid.toUpperCase()))
  );
}

export function matchAccount(account: InvolvedAccount, user: DirectoryUser): AccountMatch {
  const { objectId, upn, sid, name, displayName } = account;
  const sids = sidsOf(user);
  if (
    equal(objectId, user.id) ||
    addressesOf(user).some((address) => equal(address, upn)) ||
    sids.some((one) => equal(one, sid))
  ) {
    return 'same';
  }
  if (objectId !== undefined) return 'other';
  // Each account has one SID per authority: another SID of the same authority belongs to someone else.
  if (sids.some((one) => sid && authorityOf(one) === authorityOf(sid))) return 'other';
  const { mailNickname, onPremisesSamAccountName, userPrincipalName } = user;
  const names = [mailNickname, onPremisesSamAccountName, localPart(userPrincipalName), user.displayName];
  const called = [name, localPart(upn), displayName];
  return names.some((one) => called.some((other) => equal(one, other))) ? 'same-name' : 'other';
}

function addressesOf(user: DirectoryUser): string[] {
  const { onPremisesSamAccountName: sam, onPremisesDomainName: domain } = user;
  const all = [
    user.userPrincipalName,
    user.mail,
    user.onPremisesUserPrincipalName,
    sam && domain ? `${sam}@${domain}` : undefined,
    ...(user.proxyAddresses ?? []).map((address) => address.replace(/^[a-z0-9]{1,20}:/i, '')),
    ...(user.otherMails ?? []),
  ];
  return all.flatMap((address) => address || []);
}

function sidsOf({ securityIdentifier, onPremisesSecurityIdentifier }: DirectoryUser): string[] {
  return [securityIdentifier, onPremisesSecurityIdentifier].flatMap((sid) => sid || []);
}

/** `S-1-12-1` is Entra; `S-1-5-21-…` is a domain or a machine. */
function authorityOf(sid: string): string {
  return sid
    .toUpperCase()
    .replace(/-\d+$/, '')
    .replace(/^(S-1-12-1)-.*/, '$1');
}

function localPart(upn: string | null | undefined): string | undefined {
  return upn?.split('@', 1)[0];
}

function equal(one: string | null | undefined, other: string | null | undefined): boolean {
  return !!one && !!other && one.toLowerCase() === other.toLowerCase();
}
