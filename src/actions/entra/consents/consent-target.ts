/** The consents that an app has: each is a target of its own. */
import { z } from 'zod';
import { clip } from '../../../domain/clip.js';
import { found } from '../../../domain/found-by.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, FoundPart, Parts, Refusal, ResponseTarget } from '../../define.js';
import { sha256Hex } from '../../hash.js';
import { refusalOfProtected } from '../service-principals/app-target.js';
import { nameOf, servicePrincipalResolver } from '../service-principals/service-principal-resolver.js';
import { findServicePrincipal, type ServicePrincipal } from '../service-principals/service-principals.js';
import { findUser } from '../users/users.js';
import { findGrant, type Grant, readGrants } from './grants.js';

export const consentInputSchema = z.object({
  grantId: z.string().min(1).describe('Id of the oauth2PermissionGrant'),
  clientId: z.string().min(1).describe('Object id of the service principal of the app'),
  resourceId: z.string().min(1).describe('Object id of the service principal of the API'),
  principalId: z.string().min(1).optional().describe('Object id of the user; absent: for all users'),
  scope: z.string().describe('Permissions as the directory has them'),
  consent: z.string().describe('The consent, for people'),
});
export type ConsentInput = z.infer<typeof consentInputSchema>;

interface Consent {
  readonly app: ServicePrincipal;
  readonly input: ConsentInput;
}

/** More than that is a decision about the app, not about each consent. */
const MOST = 10;
/** The permissions are all in the input; a name is shown in one line. */
const LONGEST_SCOPE = 200;

const parts: Parts<ServicePrincipal, Consent> = {
  async list(app, owner, ctx) {
    const protectedApp = refusalOfProtected(app, ctx);
    if (protectedApp) return protectedApp;
    const grants = await readGrants(lowerCase(app.id), ctx);
    if (grants.length === 0) return refused('not-found', 'The app has no delegated consent.');
    if (grants.length > MOST) {
      const reason = `The app has ${grants.length} consents, more than ${MOST}. Disable the app, or remove them by hand.`;
      return refused('unsupported-target', reason);
    }
    const { agreed, unchecked } = owner;
    const found: FoundPart<Consent>[] = [];
    for (const grant of grants) found.push(await partOf(app, grant, { agreed, unchecked }, ctx));
    return { ok: true, parts: found };
  },
  async read(id, ctx) {
    const grant = await findGrant(id, ctx);
    if (grant === undefined) return refused('not-found', 'The directory no longer has this consent.');
    const app = await findServicePrincipal(grant.clientId, ctx);
    if (app === undefined) return refused('unsupported-target', 'The directory no longer has the app.');
    return { ok: true, ...(await partOf(app, grant, { agreed: [], unchecked: [] }, ctx)) };
  },
};

async function partOf(
  app: ServicePrincipal,
  grant: Grant,
  compared: Pick<FoundPart<Consent>['record'], 'agreed' | 'unchecked'>,
  ctx: ActionContext,
): Promise<FoundPart<Consent>> {
  const { id: grantId, clientId, resourceId, principalId, consentType } = grant;
  const scope = grant.scope ?? '';
  const whose = consentType === 'AllPrincipals' || !principalId ? undefined : principalId;
  const api = await findServicePrincipal(resourceId, ctx);
  const user = whose === undefined ? undefined : await findUser(whose, ctx);
  const by = whose === undefined ? 'for all users' : `for ${visible(user?.userPrincipalName ?? whose)}`;
  const to = `${nameOf(app)} on ${api === undefined ? resourceId : nameOf(api)}`;
  const consent = `${clip(visible(scope).trim(), LONGEST_SCOPE)} of ${to}, ${by}`;
  const identity = [clientId, resourceId, whose ?? ''].map(lowerCase);
  return {
    found: {
      app,
      input: {
        ...{ grantId, clientId, resourceId, scope, consent },
        ...(whose === undefined ? {} : { principalId: whose }),
      },
    },
    record: {
      kind: 'entra.consent',
      id: grantId,
      name: consent,
      ...found('object-id'),
      ids: { key: (await sha256Hex(identity.join(' '))).slice(0, 40) },
      ...compared,
      partOf: { kind: 'entra.service-principal', id: lowerCase(app.id) },
    },
  };
}

export const consentTarget: ResponseTarget<ConsentInput, ServicePrincipal, Consent> = {
  resolver: servicePrincipalResolver,
  parts,
  endsRecord: true,
  accept: ({ app, input }, _record, ctx) => refusalOfProtected(app, ctx) ?? { ok: true, input },
};

const refused = (code: 'not-found' | 'unsupported-target', reason: string): Refusal => ({
  ok: false,
  code,
  reason,
});
