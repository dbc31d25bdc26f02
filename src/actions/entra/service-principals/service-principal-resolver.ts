/** Resolves an OAuth application of an incident to its one service principal in this directory. Its name is never used. */
import { z } from 'zod';
import type { EntityOf } from '../../../domain/entities.js';
import { type FoundBy, found } from '../../../domain/found-by.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import { visible } from '../../../domain/visible.js';
import type { ActionContext, InputOrRefusal, Refusal, Resolver } from '../../define.js';
import {
  AGREES,
  type Check,
  type Claim,
  claimsOf,
  DIFFERS,
  describeClaim,
  type FoundRecord,
  isSame,
  UNCHECKED,
  verifyClaims,
} from '../../identifiers.js';
import {
  appIdOfRegistration,
  findByAppId,
  findServicePrincipal,
  type ServicePrincipal,
} from './service-principals.js';

const id = z.guid().optional();
const querySchema = z
  .object({
    appId: id.describe('Application (client) id'),
    objectId: id.describe('Object id of the service principal, or of the app registration'),
  })
  .refine(({ appId, objectId }) => appId !== undefined || objectId !== undefined, {
    error: 'an application id or an object id is needed',
  });
type AppQuery = z.infer<typeof querySchema>;

export const servicePrincipalResolver: Resolver<'oauthApp', AppQuery, ServicePrincipal> = {
  kind: 'entra.service-principal',
  query: querySchema,
  identify: queryOfApp,
  async resolve(query, ctx) {
    const claims = claimsOf([
      ['appId', query.appId],
      ['objectId', query.objectId],
    ]);
    const [first, ...more] = await search(query, ctx);
    if (first === undefined) return notFound(claims);
    if (more.length > 0) return ambiguous(claims);
    const record = recordOf(first, query.appId === undefined ? 'object-id' : 'app-id');
    return verifyClaims(first, record, claims, (claim) => check(first, claim, ctx));
  },
  async read(objectId, ctx) {
    const app = await findServicePrincipal(objectId, ctx);
    if (app === undefined) return notFound([{ id: 'objectId', value: objectId }]);
    return { ok: true, found: app, record: { ...recordOf(app, 'object-id'), agreed: [], unchecked: [] } };
  },
};

function queryOfApp({ appId, objectId }: EntityOf<'oauthApp'>): InputOrRefusal<AppQuery> {
  const given = { ...(appId ? { appId } : {}), ...(objectId ? { objectId } : {}) };
  if (querySchema.safeParse(given).success) return { ok: true, input: given };
  return {
    ok: false,
    code: 'target-unknown',
    reason: 'The directory is queried by application id or object id, which are GUIDs. Names are not used.',
  };
}

async function search(
  { appId, objectId }: AppQuery,
  ctx: ActionContext,
): Promise<readonly ServicePrincipal[]> {
  if (appId !== undefined) return findByAppId(lowerCase(appId), ctx);
  const app = await findServicePrincipal(objectId ?? '', ctx);
  if (app !== undefined) return [app];
  const registered = await appIdOfRegistration(objectId ?? '', ctx);
  return registered === undefined ? [] : findByAppId(registered, ctx);
}

/** Sources give the object id of the service principal or that of the app registration, which is in the app's home tenant. */
async function check(app: ServicePrincipal, claim: Claim, ctx: ActionContext): Promise<Check> {
  if (claim.id === 'appId') return isSame(app.appId, claim.value) ? AGREES : DIFFERS;
  if (isSame(app.id, claim.value)) return AGREES;
  const registered = await appIdOfRegistration(claim.value, ctx);
  if (registered !== undefined) return isSame(registered, app.appId) ? AGREES : DIFFERS;
  const other = await findServicePrincipal(claim.value, ctx);
  if (other !== undefined) return { state: 'differs', of: { id: other.id, name: nameOf(other) } };
  const isRegisteredHere =
    !app.appOwnerOrganizationId || isSame(app.appOwnerOrganizationId, ctx.tenantId ?? '');
  return isRegisteredHere ? DIFFERS : UNCHECKED;
}

export const nameOf = ({ displayName, appId }: ServicePrincipal): string => visible(displayName ?? appId);

function recordOf(app: ServicePrincipal, foundBy: FoundBy): FoundRecord {
  return {
    kind: 'entra.service-principal',
    id: lowerCase(app.id),
    name: nameOf(app),
    ...found(foundBy),
    ids: { appId: lowerCase(app.appId) },
  };
}

function notFound(claims: readonly Claim[]): Refusal {
  const by = claims.map(describeClaim).join(', or by ');
  return { ok: false, code: 'not-found', reason: `The directory has no app by ${by}.` };
}

function ambiguous(claims: readonly Claim[]): Refusal {
  const by = claims.map(describeClaim).join(', ');
  return { ok: false, code: 'ambiguous-target', reason: `The directory has several apps by ${by}.` };
}
