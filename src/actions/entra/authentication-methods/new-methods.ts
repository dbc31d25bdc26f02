/** The authentication methods that a user got since the incident began: each is a target of its own. */
import { z } from 'zod';
import { found } from '../../../domain/found-by.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, FoundPart, Parts, Refusal, ResponseTarget } from '../../define.js';
import { administratorReason, protectionOf } from '../roles/administrators.js';
import { userResolver } from '../users/user-resolver.js';
import { type DirectoryUser, findUser } from '../users/users.js';
import { type AuthenticationMethod, COLLECTIONS, readMethods } from './methods.js';

export const methodInputSchema = z.object({
  objectId: z.string().min(1).describe('Object id of the user in Entra'),
  upn: z.string().describe('User principal name, for people'),
  collection: z.enum(COLLECTIONS).describe('Kind of the method, as in the path of Graph'),
  methodId: z.string().min(1),
  method: z.string().describe('The method, for people'),
  addedAt: z
    .string()
    .min(1)
    .describe('ISO 8601: a method with the same id that was added later is another one'),
});
export type MethodInput = z.infer<typeof methodInputSchema>;

interface NewMethod {
  readonly user: DirectoryUser;
  readonly method: AuthenticationMethod;
}

const parts: Parts<DirectoryUser, MethodInput> = {
  async list(user, owner, ctx) {
    const began = Date.parse(ctx.incident.firstActivityAt ?? '');
    if (Number.isNaN(began)) {
      return refused('It is unknown when the incident began, so it is unknown which methods are new.');
    }
    const methods = (await readMethods(user.id, ctx)).filter(({ isPassword }) => !isPassword);
    const undated = methods.filter(({ addedAt }) => Number.isNaN(Date.parse(addedAt ?? '')));
    const unknown =
      undated.length === 0
        ? []
        : [`The directory does not say when these methods were added: ${named(undated)}.`];
    const added = methods.filter(({ addedAt }) => Date.parse(addedAt ?? '') > began);
    if (added.length === 0) {
      const none = `The user has no authentication method that is known to be newer than the incident, which began at ${ctx.incident.firstActivityAt}.`;
      return refused([none, ...unknown].join(' '));
    }
    const ofUnknownKind = added.filter(({ collection }) => collection === undefined);
    if (ofUnknownKind.length > 0) {
      const reason = `New methods are of a kind that the responder does not remove: ${named(ofUnknownKind)}. Remove all new methods by hand: ${named(added)}.`;
      return refused([reason, ...unknown].join(' '));
    }
    const problem = blockedBy(added, methods);
    if (problem !== undefined) return refused(problem);
    const { agreed, unchecked } = owner;
    return {
      ok: true,
      parts: added.flatMap((method) =>
        partOf({ user, method }, { agreed, unchecked, ...(unknown.length === 0 ? {} : { notes: unknown }) }),
      ),
    };
  },
  async read(id, ctx) {
    const [objectId = ''] = id.split('/');
    const user = await findUser(objectId, ctx);
    if (user === undefined) return refused(`The directory has no user ${objectId}.`);
    const methods = await readMethods(objectId, ctx);
    const found = methods.flatMap((method) => partOf({ user, method }, { agreed: [], unchecked: [] }));
    const part = found.find(({ record }) => record.id === id);
    if (part !== undefined) return { ok: true, ...part };
    return { ok: false, code: 'not-found', reason: 'The user no longer has this authentication method.' };
  },
};

/** Graph refuses to remove a mobile phone while there is an alternate one. https://learn.microsoft.com/graph/api/phoneauthenticationmethod-delete */
function blockedBy(
  added: readonly AuthenticationMethod[],
  all: readonly AuthenticationMethod[],
): string | undefined {
  const phone = (which: string) => (one: AuthenticationMethod) => one.words === `phone (${which})`;
  if (!added.some(phone('mobile')) || !all.some(phone('alternateMobile'))) return undefined;
  return 'The user has an alternate mobile phone, without which Graph does not remove a mobile phone. Replace the number of the mobile phone, remove the alternate one, and then the other new methods by hand.';
}

const named = (methods: readonly AuthenticationMethod[]): string =>
  methods.map(({ words }) => words).join(', ');

function partOf(
  { user, method }: NewMethod,
  compared: Pick<FoundPart<unknown>['record'], 'agreed' | 'unchecked' | 'notes'>,
): FoundPart<MethodInput>[] {
  const { id: methodId, collection, words, addedAt } = method;
  if (collection === undefined || addedAt === undefined) return [];
  const objectId = lowerCase(user.id);
  const upn = visible(user.userPrincipalName);
  return [
    {
      found: { objectId, upn, collection, methodId, method: words, addedAt },
      record: {
        kind: 'entra.authentication-method',
        // The id of a phone is always the same: one that is registered again is another method.
        id: `${objectId}/${collection}/${methodId}/${addedAt}`,
        name: `${words} of ${upn}, added at ${visible(addedAt)}`,
        ...found('object-id'),
        ids: {},
        ...compared,
        partOf: { kind: 'entra.user', id: objectId },
      },
    },
  ];
}

/** Administrators are left to people. */
export const newMethodTarget: ResponseTarget<MethodInput, DirectoryUser, MethodInput> = {
  resolver: userResolver,
  parts,
  endsRecord: true,
  async accept(input, _record, ctx: ActionContext) {
    const protection = await protectionOf(input.objectId, ctx);
    if (protection === undefined) return { ok: true, input };
    return refused(`${administratorReason(protection)} Remove the authentication method by hand.`);
  },
};

const refused = (reason: string): Refusal => ({ ok: false, code: 'unsupported-target', reason });
