/** Whether an identifier of an account belongs to a user of the directory. */
import { odata } from '../../../domain/builders/path.js';
import type { ActionContext } from '../../define.js';
import { AGREES, type Check, type Claim, DIFFERS, isSame, UNCHECKED } from '../../identifiers.js';
import { addressesOf, hasDomain, hasName } from './user-names.js';
import {
  cloudSidOf,
  type DirectoryUser,
  findUser,
  findUsersBySid,
  guidBytes,
  objectIdOf,
  queryUsers,
} from './users.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN_SID = /^S-1-5-21(-\d{1,10}){4}$/i;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;
const CLOUD_SID = /^S-1-12-1(-\d{1,10}){4}$/i;

/** If the user does not have an identifier, the directory is queried for its owner. */
export async function checkUser(user: DirectoryUser, claim: Claim, ctx: ActionContext): Promise<Check> {
  const { id, value } = claim;
  switch (id) {
    case 'objectId':
      return checkObjectId(user, value, ctx);
    case 'sid':
      return checkSid(user, value, ctx);
    case 'upn':
      return checkUpn(user, value, ctx);
    case 'upnSuffix':
    case 'ntDomain':
    case 'dnsDomain':
      return checkDomain(id, user, value);
    case 'tenantId':
      if (ctx.tenantId === undefined) return UNCHECKED;
      return isSame(ctx.tenantId, value) ? AGREES : DIFFERS;
    case 'objectGuid':
      return checkObjectGuid(user, value, ctx);
    case 'name':
    case 'displayName':
    case 'friendlyName':
      return checkDisplayName(user, value, ctx);
    default:
      return UNCHECKED;
  }
}

async function checkObjectId(user: DirectoryUser, objectId: string, ctx: ActionContext): Promise<Check> {
  if (isSame(user.id, objectId)) return AGREES;
  return GUID.test(objectId) ? checkOwner(user, [await findUser(objectId, ctx)], DIFFERS) : DIFFERS;
}

async function checkSid(user: DirectoryUser, sid: string, ctx: ActionContext): Promise<Check> {
  const own = [user.securityIdentifier, user.onPremisesSecurityIdentifier, cloudSidOf(user.id)];
  if (own.some((one) => isSame(one, sid))) return AGREES;
  const objectId = objectIdOf(sid);
  if (objectId !== undefined) return checkOwner(user, [await findUser(objectId, ctx)], DIFFERS);
  // Any other identifier is not a user of the directory: the system, a service, a group.
  return DOMAIN_SID.test(sid) ? checkOwner(user, await findUsersBySid(sid, ctx), DIFFERS) : DIFFERS;
}

/**
 * Another address of a user may be the sign-in name of a different user: the sign-in name takes precedence. The directory
 * treats some letters as equal: a user found by a name that is not exactly theirs is not the named one.
 */
async function checkUpn(user: DirectoryUser, upn: string, ctx: ActionContext): Promise<Check> {
  if (isSame(user.userPrincipalName, upn)) return AGREES;
  const other = await findUser(upn, ctx);
  if (other !== undefined && !isSame(other.id, user.id)) return checkOwner(user, [other], DIFFERS);
  return [user.id, ...addressesOf(user)].some((one) => isSame(one, upn)) ? AGREES : DIFFERS;
}

/** The directory has the domain's DNS name, and not its NetBIOS name. */
function checkDomain(id: 'upnSuffix' | 'ntDomain' | 'dnsDomain', user: DirectoryUser, domain: string): Check {
  if (hasDomain(user, domain)) return AGREES;
  const isKnown = id === 'upnSuffix' || user.onPremisesDomainName;
  return isKnown && domain.includes('.') ? DIFFERS : UNCHECKED;
}

/**
 * It may link the two directories, but need not.
 * https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-design-concepts
 */
async function checkObjectGuid(user: DirectoryUser, objectGuid: string, ctx: ActionContext): Promise<Check> {
  if (!GUID.test(objectGuid)) return UNCHECKED;
  const link = btoa(String.fromCharCode(...guidBytes(objectGuid)));
  return checkOwner(user, await queryUsers(odata`onPremisesImmutableId eq ${link}`, ctx), UNCHECKED);
}

/**
 * Names are shared and change: a name counts against a user only if other users have it and this one does not. An id or an
 * address in place of a name belongs to its owner.
 */
async function checkDisplayName(user: DirectoryUser, text: string, ctx: ActionContext): Promise<Check> {
  if (GUID.test(text)) return checkOwner(user, [await findUser(text, ctx)], UNCHECKED);
  if (DOMAIN_SID.test(text) || CLOUD_SID.test(text)) return checkSid(user, text, ctx);
  const name = text.split('\\').at(-1)?.trim() ?? '';
  if (name === '' || hasName(user, name)) return name === '' ? UNCHECKED : AGREES;
  if (ADDRESS.test(name)) {
    const check = await checkUpn(user, name, ctx);
    return check === DIFFERS ? UNCHECKED : check;
  }
  const filter = odata`startswith(userPrincipalName,${`${name}@`}) or displayName eq ${name} or mailNickname eq ${name} or onPremisesSamAccountName eq ${name}`;
  return checkOwner(user, await queryUsers(filter, ctx, 'advanced'), UNCHECKED);
}

/** Agrees if the user is among the owners; otherwise it belongs to the first of them. */
function checkOwner(
  user: DirectoryUser,
  known: readonly (DirectoryUser | undefined)[],
  otherwise: Check,
): Check {
  const users = known.filter((one) => one !== undefined);
  if (users.some(({ id }) => isSame(id, user.id))) return AGREES;
  const [other] = users;
  if (other === undefined) return otherwise;
  return { state: 'differs', of: { id: other.id, name: other.userPrincipalName } };
}
