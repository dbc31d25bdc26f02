import { z } from 'zod';
import { lowerCase } from '../../domain/unicode-text.js';
import { defineEnrichment } from '../define.js';
import { optional } from '../enum-value.js';
import { knownCount, knownItems } from '../lower-bound.js';
import { readFirstGrants, scopesOf } from './consents/grants.js';
import { readAppPermissions } from './service-principals/app-roles.js';
import { isOfMicrosoft } from './service-principals/app-target.js';
import { isRisky } from './service-principals/permission-risk.js';
import { servicePrincipalResolver } from './service-principals/service-principal-resolver.js';

const texts = z.array(z.string());
const count = z.number().int().nonnegative();
/** A list that is longer is not known. */
const MOST_CONSENTERS = 50;

/** An OAuth application: whose it is, what it may do, and who consented. */
export default defineEnrichment({
  name: 'entra.app',
  title: 'Look up the app in Entra',
  docs: 'https://learn.microsoft.com/graph/api/serviceprincipal-get',
  entity: 'oauthApp',
  resolver: servicePrincipalResolver,
  output: z.object({
    servicePrincipalId: z.string(),
    appId: z.string(),
    displayName: z.string().optional().describe('Chosen by the author of the app'),
    enabled: z.boolean().optional(),
    publisherVerified: z.boolean().optional().describe('Absent if the directory does not say'),
    publisher: z.string().optional().describe('Name of the verified publisher'),
    homeTenantId: z.string().optional().describe('The tenant that the app is registered in'),
    external: z.boolean().optional().describe('Registered in another tenant'),
    ofMicrosoft: z.boolean().optional().describe('Registered in a tenant of Microsoft'),
    appPermissions: texts.describe('What the app may do without a user, e.g. `Mail.ReadWrite`'),
    delegatedPermissions: texts.optional().describe('What it may do for users who consented'),
    riskyPermissions: texts
      .optional()
      .describe('Those of both kinds that change something, act as a user, or read what people write'),
    offlineAccess: z.boolean().optional().describe('It keeps its access when the user has signed out'),
    consentedForAll: z.boolean().optional().describe('An administrator consented for all users'),
    consenters: texts
      .optional()
      .describe('Object ids of the users who consented for themselves; absent if there are more than 50'),
    consenterCount: count.optional(),
    complete: z
      .boolean()
      .describe(
        'False: the list of consents was incomplete. Numbers and lists that depend on it are lower bounds, and absent if nothing was found',
      ),
  }),
  permissions: [
    { api: 'Microsoft Graph', name: 'Application.Read.All', why: 'read the app and its own permissions' },
    { api: 'Microsoft Graph', name: 'DelegatedPermissionGrant.Read.All', why: 'read who consented to what' },
  ],
  quota: 'graph-directory',
  // One more for each further API that the app has permissions of.
  calls: 3,
  async run(app, ctx) {
    const [appPermissions, { grants, complete }] = await Promise.all([
      readAppPermissions(app.id, ctx),
      readFirstGrants(lowerCase(app.id), ctx),
    ]);
    const delegated = distinct(grants.flatMap(scopesOf));
    const ofUsers = grants.filter(({ consentType }) => consentType === 'Principal');
    const consenters = distinct(ofUsers.flatMap(({ principalId }) => principalId?.toLowerCase() ?? []));
    const risky = distinct([...appPermissions, ...delegated].filter(isRisky));
    const isKnown = (found: boolean) => (complete || found ? found : undefined);
    const isAll = consenters.length <= MOST_CONSENTERS;
    const { verifiedPublisher: publisher, appOwnerOrganizationId: owner } = app;
    const home = owner ? lowerCase(owner) : undefined;
    return {
      servicePrincipalId: lowerCase(app.id),
      appId: lowerCase(app.appId),
      ...optional('displayName', app.displayName ?? undefined),
      ...optional('enabled', app.accountEnabled ?? undefined),
      ...optional(
        'publisherVerified',
        publisher === undefined ? undefined : Boolean(publisher?.verifiedPublisherId),
      ),
      ...optional('publisher', (publisher?.verifiedPublisherId && publisher.displayName) || undefined),
      ...optional('homeTenantId', home),
      ...optional('external', home && ctx.tenantId ? home !== lowerCase(ctx.tenantId) : undefined),
      ...optional('ofMicrosoft', home === undefined ? undefined : isOfMicrosoft(app)),
      appPermissions,
      ...optional('delegatedPermissions', knownItems(delegated, complete)),
      ...optional('riskyPermissions', knownItems(risky, complete)),
      ...optional('offlineAccess', isKnown(delegated.includes('offline_access'))),
      ...optional('consentedForAll', isKnown(ofUsers.length < grants.length)),
      ...optional('consenters', isAll ? knownItems(consenters, complete) : undefined),
      ...optional('consenterCount', knownCount(consenters.length, complete)),
      complete,
    };
  },
});

const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();
