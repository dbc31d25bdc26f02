/** Names of a user in the directory. Pure. */
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import { isSame } from '../../identifiers.js';
import type { DirectoryUser } from './users.js';

/** All names and addresses in the directory; incidents name guests by their home address. */
export function addressesOf(user: DirectoryUser): string[] {
  const { onPremisesSamAccountName: sam, onPremisesDomainName: domain } = user;
  const all = [
    user.userPrincipalName,
    user.mail,
    user.onPremisesUserPrincipalName,
    sam && domain ? `${sam}@${domain}` : undefined,
    guestAddress(user.userPrincipalName),
    ...(user.proxyAddresses ?? []).map((address) => address.replace(/^smtp:/i, '')),
  ];
  return all.flatMap((address) => address || []);
}

export function hasDomain(user: DirectoryUser, domain: string): boolean {
  const own = [user.onPremisesDomainName, ...addressesOf(user).map((address) => address.split('@')[1])];
  return own.some((one) => isSame(one, domain));
}

/** Whether the user has this name: an account name without its domain, or a display name. */
export function hasName(user: DirectoryUser, name: string): boolean {
  const { onPremisesSamAccountName: sam, mailNickname, userPrincipalName: upn, displayName } = user;
  const own = [sam, mailNickname, upn, localPart(upn), localPart(guestAddress(upn)), displayName];
  return own.some((one) => isSame(visible(one ?? ''), visible(name)));
}

/** The beginning of the sign-in name of a guest with this address: `ana_fabrikam.com#EXT#@`. */
export function guestName(address: string): string {
  return `${address.replaceAll('@', '_')}#EXT#@`;
}

/** `ana_fabrikam.com#EXT#@contoso.onmicrosoft.com` is `ana@fabrikam.com`. */
function guestAddress(upn: string): string | undefined {
  const [local, ...rest] = lowerCase(upn).split('#ext#');
  const at = local?.lastIndexOf('_') ?? -1;
  return local && rest.length === 1 && at > 0 ? `${local.slice(0, at)}@${local.slice(at + 1)}` : undefined;
}

const localPart = (upn: string | undefined) => upn?.split('@', 1)[0];
