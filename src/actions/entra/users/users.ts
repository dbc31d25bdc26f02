/** Users of the directory. https://learn.microsoft.com/graph/api/resources/user */
import { z } from 'zod';
import { odata, path, type Raw } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

const text = z.string().nullish();
const userSchema = z.looseObject({
  id: z.string().min(1),
  userPrincipalName: z.string(),
  displayName: text,
  mail: text,
  mailNickname: text,
  proxyAddresses: z.array(z.string()).nullish(),
  securityIdentifier: text,
  onPremisesSecurityIdentifier: text,
  onPremisesUserPrincipalName: text,
  onPremisesSamAccountName: text,
  onPremisesDomainName: text,
  accountEnabled: z.boolean().nullish(),
  userType: text,
  onPremisesSyncEnabled: z.boolean().nullish(),
  department: text,
  jobTitle: text,
  createdDateTime: text,
  signInSessionsValidFromDateTime: text,
  manager: z.looseObject({ id: z.string(), userPrincipalName: text }).nullish(),
});
export type DirectoryUser = z.infer<typeof userSchema>;
const listSchema = odataListSchema(userSchema);

const PROPERTIES = {
  raw: Object.keys(userSchema.shape)
    .filter((name) => name !== 'manager')
    .join(','),
};

/** One user by object id or UPN, with the manager. */
export async function readUser(user: string, ctx: ActionContext): Promise<DirectoryUser> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/users/${user}?$select=${PROPERTIES}&$expand=manager($select=id,userPrincipalName)`,
    userSchema,
    { signal: ctx.signal },
  );
  return body;
}

/** Undefined if the directory has none. */
export async function findUser(user: string, ctx: ActionContext): Promise<DirectoryUser | undefined> {
  try {
    return await readUser(user, ctx);
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}

/**
 * All users that match a filter. https://learn.microsoft.com/graph/api/user-list
 * @param index `advanced`: the filter uses a property that only the separate index has, which may be seconds behind.
 * https://learn.microsoft.com/graph/aad-advanced-queries
 * @throws ResponderError `incomplete-answer`; those of the client.
 */
export async function queryUsers(
  filter: Raw,
  ctx: ActionContext,
  index: 'default' | 'advanced' = 'default',
): Promise<readonly DirectoryUser[]> {
  const { graph } = ctx.clients;
  const { signal } = ctx;
  const { body } =
    index === 'default'
      ? await graph.get(path`/v1.0/users?$filter=${filter}&$select=${PROPERTIES}`, listSchema, { signal })
      : await graph.get(path`/v1.0/users?$filter=${filter}&$select=${PROPERTIES}&$count=true`, listSchema, {
          signal,
          consistency: 'eventual',
        });
  return completeList(body, 'The directory');
}

export const findUsersBySid = (sid: string, ctx: ActionContext) =>
  queryUsers(odata`onPremisesSecurityIdentifier eq ${sid.toUpperCase()}`, ctx);

export function isGuest({ userType, userPrincipalName }: DirectoryUser): boolean {
  return userType?.toLowerCase() === 'guest' || /#ext#/i.test(userPrincipalName);
}

/** The bytes of a GUID as Windows writes them: the first three parts are in reverse byte order. */
export function guidBytes(guid: string): number[] {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const turned = [a, b, c].map((hex) => (hex.match(/../g) ?? []).reverse().join(''));
  return ([...turned, d, e].join('').match(/../g) ?? []).map((hex) => Number.parseInt(hex, 16));
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Entra's security identifier of an object: its id as four numbers, in Windows byte order. */
export function cloudSidOf(objectId: string): string | undefined {
  if (!GUID.test(objectId)) return undefined;
  const view = new DataView(Uint8Array.from(guidBytes(objectId)).buffer);
  return `S-1-12-1-${[0, 4, 8, 12].map((at) => view.getUint32(at, true)).join('-')}`;
}

/** The object id in such an identifier; undefined for any other identifier. */
export function objectIdOf(sid: string): string | undefined {
  const parts = /^S-1-12-1-(\d{1,10})-(\d{1,10})-(\d{1,10})-(\d{1,10})$/i.exec(sid);
  const numbers = parts?.slice(1).map(Number) ?? [];
  if (numbers.length !== 4 || numbers.some((number) => number > 0xffff_ffff)) return undefined;
  const turned = (hex: string) => (hex.match(/../g) ?? []).reverse().join('');
  const hex = numbers.map((number) => turned(number.toString(16).padStart(8, '0'))).join('');
  const [a, b, c] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)].map(turned);
  return `${a}-${b}-${c}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
