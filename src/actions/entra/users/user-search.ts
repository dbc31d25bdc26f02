/** Searches the users of an account: by each of its identifiers, the best one first, until the directory knows one. */
import { odata } from '../../../domain/builders/path.js';
import type { FoundBy } from '../../../domain/found-by.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import type { ActionContext } from '../../define.js';
import { type Claim, describeClaim, isSame } from '../../identifiers.js';
import { addressesOf, guestName } from './user-names.js';
import type { UserQuery } from './user-query.js';
import { type DirectoryUser, findUser, findUsersBySid, objectIdOf, queryUsers } from './users.js';

export interface FoundUser {
  readonly user: DirectoryUser;
  readonly foundBy: FoundBy;
}
export interface SearchStep {
  /** What the users were searched by: `user principal name dana@contoso.com`. */
  readonly words: string;
  run(ctx: ActionContext): Promise<readonly FoundUser[]>;
}

export function searchSteps({ objectId, sid, upn, name, ntDomain }: UserQuery): SearchStep[] {
  const steps: SearchStep[] = [];
  const search = (claims: readonly Claim[], ...runs: readonly Search[]) => {
    const run = async (ctx: ActionContext) => unique((await Promise.all(runs.map((one) => one(ctx)))).flat());
    steps.push({ words: claims.map(describeClaim).join(' in '), run });
  };
  if (objectId !== undefined) search([{ id: 'objectId', value: objectId }], byId(objectId, 'object-id'));
  if (sid !== undefined) {
    const cloud = objectIdOf(sid);
    search([{ id: 'sid', value: sid }], cloud === undefined ? bySid(sid) : byId(cloud, 'cloud-sid'));
  }
  if (upn !== undefined) {
    search([{ id: 'upn', value: upn }], byId(upn, 'upn'));
    search([{ id: 'upn', value: upn }], byAddress(upn));
  }
  if (name !== undefined && ntDomain !== undefined) {
    const claims: Claim[] = [
      { id: 'name', value: name },
      { id: 'ntDomain', value: ntDomain },
    ];
    // Both at once: if they lead to different users, neither is the one.
    search(
      claims,
      byNtName(name, ntDomain),
      ...(ntDomain.includes('.') ? [byId(`${name}@${ntDomain}`, 'upn-in-domain-field')] : []),
    );
  }
  return steps;
}

type Search = (ctx: ActionContext) => Promise<readonly FoundUser[]>;

/** By object id or by user principal name. */
function byId(id: string, foundBy: FoundBy): Search {
  return async (ctx) => {
    const user = await findUser(id, ctx);
    return user === undefined ? [] : [{ user, foundBy }];
  };
}

const bySid =
  (sid: string): Search =>
  async (ctx) =>
    readEach(await findUsersBySid(sid, ctx), 'on-premises-sid', ctx);

/** A mail address of the user, or the address by which a guest signs in at home. */
const byAddress =
  (address: string): Search =>
  async (ctx) => {
    const filter = odata`mail eq ${address} or startswith(userPrincipalName,${guestName(address)})`;
    const users = await queryUsers(filter, ctx);
    const theirs = users.filter((user) => addressesOf(user).some((one) => isSame(one, address)));
    return readEach(theirs, 'mail-address', ctx);
  };

/**
 * The directory has the DNS name of a domain, and not its NetBIOS name, which is usually the first part of the DNS name.
 * https://learn.microsoft.com/graph/api/resources/user
 */
const byNtName =
  (name: string, ntDomain: string): Search =>
  async (ctx) => {
    const users = await queryUsers(odata`onPremisesSamAccountName eq ${name}`, ctx, 'advanced');
    const theirs = users.filter(
      ({ onPremisesDomainName: domain, onPremisesSamAccountName: sam }) =>
        isSame(sam, name) && [domain, domain?.split('.')[0]].some((one) => isSame(one, ntDomain)),
    );
    return readEach(theirs, 'nt-name', ctx);
  };

/** Reads users one by one, because a list does not contain the managers. */
async function readEach(
  users: readonly DirectoryUser[],
  foundBy: FoundBy,
  ctx: ActionContext,
): Promise<FoundUser[]> {
  const read = await Promise.all(users.map(({ id }) => findUser(id, ctx)));
  return read.flatMap((user) => (user === undefined ? [] : [{ user, foundBy }]));
}

function unique(users: readonly FoundUser[]): FoundUser[] {
  const byUser = new Map<string, FoundUser>();
  for (const one of users) if (!byUser.has(lowerCase(one.user.id))) byUser.set(lowerCase(one.user.id), one);
  return [...byUser.values()];
}
