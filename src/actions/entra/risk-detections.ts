import { z } from 'zod';
import { odata, path } from '../../domain/builders/path.js';
import { defineEnrichment } from '../define.js';
import { optional } from '../enum-value.js';
import { knownCount, knownItems } from '../lower-bound.js';
import { odataListSchema } from '../odata-list.js';
import { userResolver } from './users/user-resolver.js';

const DAYS = 30;
const DAY_MS = 86_400_000;
const MOST = { types: 25, addresses: 50 };

const listSchema = odataListSchema(
  z.looseObject({
    activityDateTime: z.string(),
    riskEventType: z.string().nullish(),
    riskLevel: z.string(),
    riskState: z.string(),
    ipAddress: z.string().nullish(),
  }),
);
const count = z.number().int().nonnegative();
const texts = z.array(z.string());

/** What Entra ID Protection detected about a user in the last thirty days. */
export default defineEnrichment({
  name: 'entra.risk-detections',
  title: "Read the user's risk detections",
  docs: 'https://learn.microsoft.com/graph/api/riskdetection-list',
  entity: 'account',
  resolver: userResolver,
  output: z.object({
    objectId: z.string(),
    days: count.describe('Number of days that the numbers cover'),
    total: count.optional(),
    high: count.optional(),
    medium: count.optional(),
    open: count.optional().describe('Neither remediated nor dismissed, nor confirmed as safe'),
    types: texts.optional().describe('At most 25, e.g. `anomalousToken`; `generic` without Entra ID P2'),
    addresses: texts.optional().describe('At most 50'),
    latestAt: z.string().optional().describe('ISO 8601, UTC'),
    complete: z
      .boolean()
      .describe(
        'False: the answer was incomplete, or a list is longer. Numbers and lists are lower bounds, and absent if nothing was found',
      ),
  }),
  permissions: [
    { api: 'Microsoft Graph', name: 'IdentityRiskEvent.Read.All', why: "read the user's risk detections" },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'find the user' },
  ],
  quota: 'graph-identity-protection',
  calls: 1,
  async run({ id: objectId }, { clients, clock, signal }) {
    const since = { raw: new Date(clock.now() - DAYS * DAY_MS).toISOString() };
    const filter = odata`userId eq ${objectId} and activityDateTime ge ${since}`;
    const { body } = await clients.graph.get(
      path`/v1.0/identityProtection/riskDetections?$filter=${filter}`,
      listSchema,
      { signal },
    );
    const complete = !body['@odata.nextLink'];
    const found = body.value;
    const number = (of: (one: (typeof found)[number]) => boolean) =>
      knownCount(found.filter(of).length, complete);
    const distinct = (values: readonly (string | null | undefined)[]) =>
      [...new Set(values.flatMap((value) => value || []))].sort();
    const types = distinct(found.map(({ riskEventType }) => riskEventType));
    const addresses = distinct(found.map(({ ipAddress }) => ipAddress));
    const latest = found
      .map(({ activityDateTime }) => activityDateTime)
      .sort()
      .at(-1);
    return {
      objectId: objectId.toLowerCase(),
      days: DAYS,
      total: number(() => true),
      high: number(({ riskLevel }) => riskLevel.toLowerCase() === 'high'),
      medium: number(({ riskLevel }) => riskLevel.toLowerCase() === 'medium'),
      open: number(({ riskState }) => ['atrisk', 'confirmedcompromised'].includes(riskState.toLowerCase())),
      types: knownItems(types.slice(0, MOST.types), complete),
      addresses: knownItems(addresses.slice(0, MOST.addresses), complete),
      ...optional('latestAt', latest),
      complete: complete && types.length <= MOST.types && addresses.length <= MOST.addresses,
    };
  },
});
