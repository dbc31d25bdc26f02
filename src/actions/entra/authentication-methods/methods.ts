/** How a user can prove who they are. https://learn.microsoft.com/graph/api/resources/authenticationmethods-overview */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext } from '../../define.js';
import { completeList, odataListSchema } from '../../odata-list.js';

/** Collections of methods that can be removed, by the type of Graph, with their names for people. Not the password. */
const KINDS = {
  phoneAuthenticationMethod: { collection: 'phoneMethods', words: 'phone' },
  microsoftAuthenticatorAuthenticationMethod: {
    collection: 'microsoftAuthenticatorMethods',
    words: 'Microsoft Authenticator',
  },
  fido2AuthenticationMethod: { collection: 'fido2Methods', words: 'passkey (FIDO2)' },
  softwareOathAuthenticationMethod: { collection: 'softwareOathMethods', words: 'software token (OATH)' },
  windowsHelloForBusinessAuthenticationMethod: {
    collection: 'windowsHelloForBusinessMethods',
    words: 'Windows Hello for Business',
  },
  emailAuthenticationMethod: { collection: 'emailMethods', words: 'email address' },
  temporaryAccessPassAuthenticationMethod: {
    collection: 'temporaryAccessPassMethods',
    words: 'temporary access pass',
  },
} as const;
const isKind = (type: string): type is keyof typeof KINDS => Object.hasOwn(KINDS, type);
export const COLLECTIONS = Object.values(KINDS).map(({ collection }) => collection);

const text = z.string().nullish();
const listSchema = odataListSchema(
  z.looseObject({
    '@odata.type': z.string(),
    id: z.string().min(1),
    createdDateTime: text,
    /** The name of the property in older answers. */
    creationDateTime: text,
    displayName: text,
    phoneType: text,
  }),
);
type Listed = z.infer<typeof listSchema>['value'][number];

export interface AuthenticationMethod {
  readonly id: string;
  readonly isPassword: boolean;
  /** The last but one segment of its path. Undefined: the responder cannot remove it: the password, and types that it does not know. */
  readonly collection: (typeof COLLECTIONS)[number] | undefined;
  /** For people, without phone numbers and mail addresses: `phone (mobile)`, `passkey (FIDO2) “Red key”`. */
  readonly words: string;
  /** ISO 8601. Undefined: the directory does not say. */
  readonly addedAt: string | undefined;
}

/** All methods of a user. @throws ResponderError of the client. https://learn.microsoft.com/graph/api/authentication-list-methods */
export async function readMethods(objectId: string, ctx: ActionContext): Promise<AuthenticationMethod[]> {
  const { body } = await ctx.clients.graph.get(
    path`/v1.0/users/${objectId}/authentication/methods`,
    listSchema,
    { signal: ctx.signal },
  );
  return completeList(body, 'The directory').map(methodOf);
}

function methodOf(listed: Listed): AuthenticationMethod {
  const type = listed['@odata.type'].replace('#microsoft.graph.', '');
  const kind = isKind(type) ? KINDS[type] : undefined;
  const { phoneType, displayName } = listed;
  const detail = phoneType ? ` (${visible(phoneType)})` : displayName ? ` “${visible(displayName)}”` : '';
  return {
    id: listed.id,
    isPassword: type === 'passwordAuthenticationMethod',
    collection: kind?.collection,
    words: `${kind?.words ?? visible(type)}${detail}`,
    addedAt: listed.createdDateTime ?? listed.creationDateTime ?? undefined,
  };
}
