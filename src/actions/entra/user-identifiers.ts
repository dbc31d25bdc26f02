/** Whether an identifier of an account belongs to a user of the directory. */
import { odata } from '../../domain/builders/path.js';
import { visible } from '../../domain/visible.js';
import type { ActionContext } from '../define.js';
import { AGREES, type Check, type Claim, DIFFERS, isSame, UNCHECKED } from '../identifiers.js';
import { cloudSidOf, type DirectoryUser, objectIdOf, userOf, usersOfSid, usersWhere } from './users.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN_SID = /^S-1-5-21(-\d{1,10}){4}$/i;

/** Where the user does not have it, the directory is asked whose the identifier is. */
export async function checkUser(user: DirectoryUser, claim: Claim, ctx: ActionContext): Promise<Check> {
  switch (claim.id) {
    case 'objectId':
      if (isSame(user.id, claim.value)) return AGREES;
      return GUID.test(claim.value) ? ofObject(await userOf(claim.value, ctx)) : DIFFERS;
    case 'sid':
      return checkSid(user, claim.value, ctx);
    case 'upn':
      return checkUpn(user, claim.value, ctx);
    case 'name':
      return checkName(user, claim.value, ctx);
    case 'ntDomain':
      return checkDomain(user, claim.value);
    case 'displayName':
      return checkDisplayName(user, claim.value, ctx);
    default:
      return UNCHECKED;
  }
}

async function checkSid(user: DirectoryUser, sid: string, ctx: ActionContext): Promise<Check> {
  const own = [user.securityIdentifier, user.onPremisesSecurityIdentifier, cloudSidOf(user.id)];
  if (own.some((one) => isSame(one, sid))) return AGREES;
  const objectId = objectIdOf(sid);
  if (objectId !== undefined) return otherThan(user, [await userOf(objectId, ctx)], DIFFERS);
  // Anything else is nobody of the directory: the system, a service, a group.
  return DOMAIN_SID.test(sid) ? otherThan(user, await usersOfSid(sid, ctx), DIFFERS) : DIFFERS;
}

/**
 * Other addresses of a user may be the sign-in name of somebody else: whose name it is counts first. Incidents call
 * guests by their own address.
 */
async function checkUpn(user: DirectoryUser, upn: string, ctx: ActionContext): Promise<Check> {
  if (isSame(user.userPrincipalName, upn)) return AGREES;
  const other = await userOf(upn, ctx);
  if (other !== undefined) return otherThan(user, [other], AGREES);
  const { onPremisesSamAccountName: sam, onPremisesDomainName: domain } = user;
  const names = [
    user.mail,
    user.onPremisesUserPrincipalName,
    sam && domain ? `${sam}@${domain}` : undefined,
    guestAddress(user.userPrincipalName),
    ...(user.proxyAddresses ?? []).map((address) => address.replace(/^smtp:/i, '')),
  ];
  return names.some((name) => isSame(name, upn)) ? AGREES : DIFFERS;
}

/** A bare name may be anybody's: it counts against a user only where it is somebody else's. */
async function checkName(user: DirectoryUser, name: string, ctx: ActionContext): Promise<Check> {
  const { onPremisesSamAccountName: sam, mailNickname, userPrincipalName } = user;
  const own = [sam, mailNickname, localPart(userPrincipalName), localPart(guestAddress(userPrincipalName))];
  if (own.some((one) => isSame(one, name))) return AGREES;
  const others = await usersWhere(odata`startswith(userPrincipalName,${`${name}@`})`, ctx);
  return otherThan(user, others, UNCHECKED);
}

/** The directory knows the domain's DNS name, and not what Windows calls it. */
function checkDomain(user: DirectoryUser, domain: string): Check {
  const own = [user.onPremisesDomainName, user.userPrincipalName.split('@')[1]];
  return own.some((one) => isSame(one, domain)) ? AGREES : UNCHECKED;
}

/** Names change, and many have the same: it counts against a user only where nobody but others has it. */
async function checkDisplayName(user: DirectoryUser, name: string, ctx: ActionContext): Promise<Check> {
  if (isSame(visible(user.displayName ?? ''), visible(name))) return AGREES;
  return otherThan(user, await usersWhere(odata`displayName eq ${name}`, ctx), UNCHECKED);
}

/** `ana_fabrikam.com#EXT#@contoso.onmicrosoft.com` is `ana@fabrikam.com`. */
function guestAddress(upn: string): string | undefined {
  const local = upn.split(/#ext#/i, 2);
  const at = local[0]?.lastIndexOf('_') ?? -1;
  return local.length === 2 && local[0] && at > 0
    ? `${local[0].slice(0, at)}@${local[0].slice(at + 1)}`
    : undefined;
}

const localPart = (upn: string | undefined) => upn?.split('@', 1)[0];

function ofObject(other: DirectoryUser | undefined): Check {
  return other === undefined
    ? DIFFERS
    : { state: 'differs', of: { id: other.id, name: other.userPrincipalName } };
}

function otherThan(
  user: DirectoryUser,
  known: readonly (DirectoryUser | undefined)[],
  otherwise: Check,
): Check {
  const users = known.filter((one) => one !== undefined);
  if (users.some(({ id }) => isSame(id, user.id))) return AGREES;
  return users[0] === undefined ? otherwise : ofObject(users[0]);
}
