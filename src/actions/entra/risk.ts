import { z } from 'zod';
import { defineEnrichment } from '../define.js';
import { enumValueOf, optional } from '../enum-value.js';
import { readRisk } from './risky-users/risky-user.js';
import { userResolver } from './users/user-resolver.js';

/** https://learn.microsoft.com/graph/api/resources/riskyuser */
const LEVELS = ['none', 'low', 'medium', 'high', 'hidden'] as const;
const STATES = [
  'none',
  'confirmedSafe',
  'remediated',
  'dismissed',
  'atRisk',
  'confirmedCompromised',
] as const;
const ABSENT = 'Absent if Entra returned an undocumented value';

const NEVER_AT_RISK = { riskLevel: 'none', riskState: 'none', everAtRisk: false } as const;

/** The risk of a user in Entra ID Protection. Users that were never at risk are not on its list. */
export default defineEnrichment({
  name: 'entra.risk',
  title: "Read the user's risk",
  docs: 'https://learn.microsoft.com/graph/api/riskyuser-get',
  entity: 'account',
  resolver: userResolver,
  output: z.object({
    objectId: z.string(),
    riskLevel: z.enum(LEVELS).optional().describe(ABSENT),
    riskState: z.enum(STATES).optional().describe(ABSENT),
    riskDetail: z.string().optional(),
    updatedAt: z.string().optional().describe('ISO 8601, UTC'),
    everAtRisk: z.boolean(),
  }),
  permissions: [
    { api: 'Microsoft Graph', name: 'IdentityRiskyUser.Read.All', why: "read the user's risk" },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'find the user' },
  ],
  quota: 'graph-identity-protection',
  calls: 1,
  async run({ id: objectId }, ctx) {
    const risk = await readRisk(objectId, ctx);
    if (risk === undefined) return { objectId, ...NEVER_AT_RISK };
    const { riskLevel, riskState, riskDetail, riskLastUpdatedDateTime: updatedAt } = risk;
    return {
      objectId,
      ...optional('riskLevel', enumValueOf(LEVELS, riskLevel)),
      ...optional('riskState', enumValueOf(STATES, riskState)),
      everAtRisk: true,
      ...(riskDetail ? { riskDetail } : {}),
      ...(updatedAt ? { updatedAt } : {}),
    };
  },
});
