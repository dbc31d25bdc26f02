import { z } from 'zod';
import { path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { optional } from '../enum-value.js';
import { userResolver } from './users/user-resolver.js';

const detailsSchema = z.looseObject({
  isMfaRegistered: z.boolean(),
  isMfaCapable: z.boolean(),
  isPasswordlessCapable: z.boolean().nullish(),
  isSsprCapable: z.boolean().nullish(),
  methodsRegistered: z.array(z.string()),
  lastUpdatedDateTime: z.string().nullish(),
});

/** Which authentication methods a user has registered, as Entra's report says. */
export default defineEnrichment({
  name: 'entra.mfa-registration',
  title: "Read the user's registration for multifactor authentication",
  docs: 'https://learn.microsoft.com/graph/api/userregistrationdetails-get',
  entity: 'account',
  resolver: userResolver,
  output: z.object({
    objectId: z.string(),
    registered: z.boolean().describe('A strong method is registered'),
    capable: z.boolean().describe('A strong method is registered that the policy of the tenant allows'),
    passwordless: z.boolean().optional().describe('A passwordless strong method is registered and allowed'),
    canResetPassword: z.boolean().optional().describe('The user can reset the password without help'),
    methods: z.array(z.string()).describe("Names of Entra's report, e.g. `mobilePhone`, `fido2`"),
    updatedAt: z
      .string()
      .optional()
      .describe(
        'ISO 8601, UTC: the report may be a day old, and does not show methods that were added since',
      ),
  }),
  permissions: [
    { api: 'Microsoft Graph', name: 'AuditLog.Read.All', why: 'read which methods are registered' },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'find the user' },
  ],
  quota: 'graph-reports',
  calls: 1,
  async run({ id: objectId }, { clients, signal }) {
    const { body } = await clients.graph.get(
      path`/v1.0/reports/authenticationMethods/userRegistrationDetails/${objectId}`,
      detailsSchema,
      { signal },
    );
    return {
      objectId: objectId.toLowerCase(),
      registered: body.isMfaRegistered,
      capable: body.isMfaCapable,
      ...optional('passwordless', body.isPasswordlessCapable ?? undefined),
      ...optional('canResetPassword', body.isSsprCapable ?? undefined),
      methods: [...body.methodsRegistered].sort(),
      ...optional('updatedAt', body.lastUpdatedDateTime ?? undefined),
    };
  },
});
