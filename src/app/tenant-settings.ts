/** The form of the setting TENANTS, and of what it shares with the settings of a single tenant. */
import { z } from 'zod';
import { TEAMS_CLOUDS } from '../connectors/teams/cloud.js';
import { tenantIdSchema } from '../domain/tenant-id.js';
import { lowerCase } from '../domain/unicode-text.js';
import { groupIdsSchema } from '../playbook/index.js';

export const lowerGuid = z.guid({ error: 'is not a GUID' }).transform((id) => id.toLowerCase());

const workspaceSchema = z.strictObject({
  id: z
    .string()
    .regex(
      /^\/subscriptions\/[^/]{1,64}\/resourceGroups\/[^/]{1,90}\/providers\/Microsoft\.OperationalInsights\/workspaces\/[^/]{1,63}$/i,
      { error: 'is not the ARM id of a workspace' },
    ),
  customerId: lowerGuid.optional(),
});
export const workspacesSchema = z.array(workspaceSchema).max(100, { error: 'names more than 100' });

export const protectedAppsSchema = z.array(lowerGuid).max(200, { error: 'names more than 200' });

export const eventTopicSchema = z
  .string()
  .regex(/^https:\/\/[a-z\d-]{1,63}\.[a-z\d-]{1,63}\.eventgrid\.azure\.net\/api\/events$/i, {
    error: 'is not the endpoint of a topic (https://….eventgrid.azure.net/api/events)',
  });

export const teamsChannelsSchema = z.record(
  z.string(),
  z.string().regex(/^19:[^\s;]+@thread\.(?:tacv2|skype)$/, 'is not an id of a channel'),
);

export const simulatedTenantUrlSchema = z.url({ error: 'is not a URL' });

/** How the app signs in to a tenant. A secret is in a setting of its own, typically a reference to Key Vault. */
const credentialSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('secret'),
    clientId: lowerGuid,
    secretSetting: z.string().regex(/^[A-Za-z_]\w{0,127}$/, { error: 'is not the name of a setting' }),
  }),
  z.strictObject({
    kind: z.literal('federated'),
    clientId: lowerGuid,
    managedIdentityClientId: lowerGuid,
  }),
]);

const isOwnBot = ({ clientId }: { clientId: string }, teams: { botId: string } | undefined) =>
  teams === undefined || teams.botId === clientId;

const tenantSchema = z
  .strictObject({
    id: tenantIdSchema,
    /** For people. */
    name: z.string().trim().min(1, { error: 'is empty' }).max(100, { error: 'is longer than 100' }),
    credential: credentialSchema,
    workspaces: workspacesSchema.default([]),
    defenderIncidents: z.boolean().default(false),
    approverGroups: groupIdsSchema,
    teams: z
      .strictObject({
        botId: lowerGuid,
        cloud: z.enum(TEAMS_CLOUDS).default('public'),
        channels: teamsChannelsSchema.default({}),
      })
      .optional(),
    approvalsClientId: lowerGuid.optional(),
    quarantineGroup: lowerGuid.optional(),
    protectedApps: protectedAppsSchema.optional(),
    eventTopic: eventTopicSchema.optional(),
    playbooksDirectory: z.string().optional(),
    policyFile: z.string().optional(),
    simulatedTenantUrl: simulatedTenantUrlSchema.optional(),
  })
  .refine(({ workspaces, defenderIncidents }) => workspaces.length > 0 || defenderIncidents, {
    path: ['workspaces'],
    error: 'is empty, and defenderIncidents is not on',
  })
  .refine(({ credential, teams }) => credential.kind !== 'secret' || isOwnBot(credential, teams), {
    path: ['teams', 'botId'],
    error: 'is another app than clientId, whose secret is configured',
  });
export type TenantSettings = z.infer<typeof tenantSchema>;

type Identity = readonly [value: string, path: readonly (string | number)[]];

/** What belongs to one tenant only. */
const IDENTITIES: readonly ((tenant: TenantSettings) => readonly Identity[])[] = [
  ({ id }) => [[id, ['id']]],
  ({ name }) => [[lowerCase(name), ['name']]],
  ({ workspaces }) => workspaces.map(({ id }, i) => [lowerCase(id), ['workspaces', i, 'id']]),
  ({ workspaces }) =>
    workspaces.flatMap(({ customerId }, i): Identity[] =>
      customerId === undefined ? [] : [[customerId, ['workspaces', i, 'customerId']]],
    ),
  ({ eventTopic }) => (eventTopic === undefined ? [] : [[lowerCase(eventTopic), ['eventTopic']]]),
  ({ teams }) => (teams === undefined ? [] : [[teams.botId, ['teams', 'botId']]]),
];

/** Where one tenant has what another has, too: the requests of one would reach the other. */
export const tenantsSchema = z
  .array(tenantSchema)
  .min(1, { error: 'names no tenant' })
  .max(100, { error: 'names more than 100' })
  .superRefine((tenants, context) => {
    for (const identitiesOf of IDENTITIES) {
      const seen = new Map<string, number>();
      for (const [index, tenant] of tenants.entries()) {
        for (const [value, path] of identitiesOf(tenant)) {
          const other = seen.get(value);
          seen.set(value, index);
          if (other === undefined) continue;
          const message = other === index ? 'is there twice' : `is that of the tenant ${other}, too`;
          context.addIssue({ code: 'custom', path: [index, ...path], message });
        }
      }
    }
    const simulated = tenants.findIndex(({ simulatedTenantUrl }) => simulatedTenantUrl !== undefined);
    for (const [index, { simulatedTenantUrl }] of tenants.entries()) {
      if (simulated < 0 || simulatedTenantUrl !== undefined) continue;
      const message = `is missing: the tenant ${simulated} is simulated, so all must be`;
      context.addIssue({ code: 'custom', path: [index, 'simulatedTenantUrl'], message });
    }
  });
