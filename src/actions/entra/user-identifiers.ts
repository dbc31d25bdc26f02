/** Whether an identifier of an account belongs to a user of the directory. */
import { odata } from '../../domain/builders/path.js';
import type { ActionContext } from '../define.js';
import { AGREES, type Check, type Claim, DIFFERS, isSame, UNCHECKED } from '../identifiers.js';
import { addressesOf, isCalled, isDomainOf } from './user-names.js';
import {
  cloudSidOf,
  type DirectoryUser,
  objectIdOf,
  userOf,
  usersOfSid,
  usersWhere,
  wireBytes,
} from './users.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN_SID = /^S-1-5-21(-\d{1,10}){4}$/i;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;
const CLOUD_SID = /^S-1-12-1(-\d{1,10}){4}$/i;

/** Where the user does not have it, the directory is asked whose the identifier is. */
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
      return checkCalled(user, value, ctx);
    default:
      return UNCHECKED;
  }
}

async function checkObjectId(user: DirectoryUser, objectId: string, ctx: ActionContext): Promise<Check> {
  if (isSame(user.id, objectId)) return AGREES;
  return GUID.test(objectId) ? whose(user, [await userOf(objectId, ctx)], DIFFERS) : DIFFERS;
}

async function checkSid(user: DirectoryUser, sid: string, ctx: ActionContext): Promise<Check> {
  const own = [user.securityIdentifier, user.onPremisesSecurityIdentifier, cloudSidOf(user.id)];
  if (own.some((one) => isSame(one, sid))) return AGREES;
  const objectId = objectIdOf(sid);
  if (objectId !== undefined) return whose(user, [await userOf(objectId, ctx)], DIFFERS);
  // Anything else is nobody of the directory: the system, a service, a group.
  return DOMAIN_SID.test(sid) ? whose(user, await usersOfSid(sid, ctx), DIFFERS) : DIFFERS;
}

/**
 * Other addresses of a user may be the sign-in name of somebody else: whose name it is counts first. Somebody whom the
 * directory finds by a name that is not theirs, because it takes one letter for another, is not who was named.
 */
async function checkUpn(user: DirectoryUser, upn: string, ctx: ActionContext): Promise<Check> {
  if (isSame(user.userPrincipalName, upn)) return AGREES;
  const other = await userOf(upn, ctx);
  if (other !== undefined && !isSame(other.id, user.id)) return whose(user, [other], DIFFERS);
  return [user.id, ...addressesOf(user)].some((one) => isSame(one, upn)) ? AGREES : DIFFERS;
}

/** The directory knows the domain's DNS name, and not what Windows calls it. */
function checkDomain(id: 'upnSuffix' | 'ntDomain' | 'dnsDomain', user: DirectoryUser, domain: string): Check {
  if (isDomainOf(user, domain)) return AGREES;
  const isKnown = id === 'upnSuffix' || user.onPremisesDomainName;
  return isKnown && domain.includes('.') ? DIFFERS : UNCHECKED;
}

/**
 * It may be what links the two directories, and need not be.
 * https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-design-concepts
 */
async function checkObjectGuid(user: DirectoryUser, objectGuid: string, ctx: ActionContext): Promise<Check> {
  if (!GUID.test(objectGuid)) return UNCHECKED;
  const link = btoa(String.fromCharCode(...wireBytes(objectGuid)));
  return whose(user, await usersWhere(odata`onPremisesImmutableId eq ${link}`, ctx), UNCHECKED);
}

/**
 * A name may be anybody's, and names change: it counts against a user only where it is that of others alone. An id or an
 * address in its place is whose it is.
 */
async function checkCalled(user: DirectoryUser, text: string, ctx: ActionContext): Promise<Check> {
  if (GUID.test(text)) return whose(user, [await userOf(text, ctx)], UNCHECKED);
  if (DOMAIN_SID.test(text) || CLOUD_SID.test(text)) return checkSid(user, text, ctx);
  const name = text.split('\\').at(-1)?.trim() ?? '';
  if (name === '' || isCalled(user, name)) return name === '' ? UNCHECKED : AGREES;
  if (ADDRESS.test(name)) {
    const check = await checkUpn(user, name, ctx);
    return check === DIFFERS ? UNCHECKED : check;
  }
  const filter = odata`startswith(userPrincipalName,${`${name}@`}) or displayName eq ${name} or mailNickname eq ${name} or onPremisesSamAccountName eq ${name}`;
  return whose(user, await usersWhere(filter, ctx), UNCHECKED);
}

/** Theirs where they are among those who have it; otherwise that of the first of these. */
function whose(user: DirectoryUser, known: readonly (DirectoryUser | undefined)[], otherwise: Check): Check {
  const users = known.filter((one) => one !== undefined);
  if (users.some(({ id }) => isSame(id, user.id))) return AGREES;
  const [other] = users;
  if (other === undefined) return otherwise;
  return { state: 'differs', of: { id: other.id, name: other.userPrincipalName } };
}
