/**
 * Whether an account of an incident is a given person's. An incident may know an account by any of its names, and what
 * it calls an account may be no identity at all: then the same name is enough to doubt. Pure.
 */

/** An account of an incident, as far as it is known. */
export interface InvolvedAccount {
  readonly objectId?: string;
  readonly upn?: string;
  readonly sid?: string;
  /** Without a domain. */
  readonly name?: string;
}

/** A user as Graph tells it: https://learn.microsoft.com/graph/api/resources/user */
export interface DirectoryUser {
  readonly id: string;
  readonly userPrincipalName?: string | null | undefined;
  readonly mail?: string | null | undefined;
  readonly mailNickname?: string | null | undefined;
  readonly securityIdentifier?: string | null | undefined;
  readonly onPremisesUserPrincipalName?: string | null | undefined;
  readonly onPremisesSamAccountName?: string | null | undefined;
  readonly onPremisesDomainName?: string | null | undefined;
  readonly onPremisesSecurityIdentifier?: string | null | undefined;
  /** `SMTP:` and `smtp:` before an address. */
  readonly proxyAddresses?: readonly string[] | null | undefined;
}

/** `namesake`: only a name that both have speaks for it, and nothing against it. */
export type AccountMatch = 'same' | 'namesake' | 'other';

export function matchAccount(
  { objectId, upn, sid, name }: InvolvedAccount,
  user: DirectoryUser,
): AccountMatch {
  if (objectId !== undefined) return equal(objectId, user.id) ? 'same' : 'other';
  const { onPremisesSamAccountName: sam, onPremisesDomainName: domain } = user;
  const upns = [
    user.userPrincipalName,
    user.mail,
    user.onPremisesUserPrincipalName,
    sam && domain ? `${sam}@${domain}` : undefined,
    ...(user.proxyAddresses ?? []).map((address) => address.replace(/^smtp:/i, '')),
  ];
  const sids = [user.securityIdentifier, user.onPremisesSecurityIdentifier];
  if (upns.some((one) => equal(one, upn)) || sids.some((one) => equal(one, sid))) return 'same';
  // Of one directory everybody has one identifier: another one is somebody else's.
  if (sids.some((one) => one && sid && authorityOf(one) === authorityOf(sid))) return 'other';
  const names = [user.mailNickname, sam, localPart(user.userPrincipalName)];
  const called = [name, localPart(upn)];
  return names.some((one) => called.some((other) => equal(one, other))) ? 'namesake' : 'other';
}

/** `S-1-12-1` is Entra's, `S-1-5-21-…` that of a domain or a machine. */
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
