/** A simulated tenant for the length of one command, in virtual time. */
import { type Simulator, startSimulator } from 'tenant-simulator';
import { z } from 'zod';
import type { CallContext } from '../../actions/call.js';
import type { IncidentRef, Permission } from '../../actions/define.js';
import { idempotencyKeyOf } from '../../actions/run.js';
import { apis, type Clients } from '../../actions/services.js';
import { createClients, createDryRunClients, type WouldSend } from '../../connectors/index.js';
import { firstActivityOf } from '../../domain/first-activity.js';
import { keyOfOrigin } from '../../domain/incident-origin.js';
import { MAXIMUM_CHARACTERS, normaliseBody } from '../../intake/index.js';
import type { Fixture } from '../fixture.js';
import { SIMULATED_CONTAINMENT } from '../responder.js';

const permissions = z.record(z.string(), z.array(z.string()));
const tenantSchema = z.looseObject({
  tenant: z.looseObject({ id: z.string() }),
  app: z.looseObject({ clientId: z.string(), clientSecret: z.string(), permissions }),
  workspace: z.object({
    subscriptionId: z.string(),
    resourceGroup: z.string(),
    name: z.string(),
    customerId: z.string(),
  }),
});

/** Names of the APIs in tenant.json, by their names in Entra. */
const APIS: Readonly<Record<Permission['api'], string>> = {
  'Microsoft Graph': 'graph',
  WindowsDefenderATP: 'defender',
  'Log Analytics API': 'logAnalytics',
  'Azure RBAC': 'azure',
};

export interface CommandTenant {
  readonly clock: { now(): number };
  /** The writes of a dry run; empty otherwise. */
  readonly requests: readonly WouldSend[];
  /** Virtual milliseconds. */
  pass(ms: number): void;
  context(target: string): CallContext;
  stop(): Promise<void>;
}

/** The app of the tenant has exactly these permissions: an action must not need more than it declares. */
export async function startTenant(
  fixture: Fixture,
  action: { readonly name: string; readonly permissions: readonly Permission[] },
  isDryRun: boolean,
): Promise<CommandTenant> {
  const tenant = tenantSchema.parse(fixture.tenant);
  const granted: Record<string, string[]> = { graph: [], defender: [], logAnalytics: [], azure: [] };
  for (const { api, name } of action.permissions) granted[APIS[api]]?.push(name);
  tenant.app.permissions = granted;
  let now = Date.parse(fixture.about.startsAt);
  const clock = { now: () => now };
  const simulator = await startSimulator({ tenant, clock });
  const { clients, requests } = clientsOf(tenant, simulator, clock, isDryRun);
  const decidedAt = now;
  const incident = incidentOf(fixture, tenant.workspace);
  return {
    clock,
    requests,
    pass: (ms) => {
      now += ms;
    },
    context: (target) => ({
      ...{ clients, clock, incident, decidedAt },
      tenantId: tenant.tenant.id,
      containment: SIMULATED_CONTAINMENT,
      idempotencyKey: idempotencyKeyOf(incident.key, action.name, target),
      outcomeUnknown: false,
      prechecked: false,
    }),
    stop: () => simulator.stop(),
  };
}

function clientsOf(
  { tenant, app }: z.infer<typeof tenantSchema>,
  simulator: Simulator,
  clock: { now(): number },
  isDryRun: boolean,
): { readonly clients: Clients; readonly requests: readonly WouldSend[] } {
  const { clientId, clientSecret } = app;
  const config = { tenantId: tenant.id, clientId, clientSecret, simulatedTenantUrl: simulator.url };
  if (isDryRun) return createDryRunClients(apis, config, { clock });
  return { clients: createClients(apis, config, { clock }), requests: [] };
}

/** As a run of the fixture reads it. */
function incidentOf(
  { about: { origin, title }, event }: Fixture,
  workspace: Extract<IncidentRef['origin'], { kind: 'sentinel' }>['workspace'],
): IncidentRef {
  const [delivered] = normaliseBody(JSON.parse(event), MAXIMUM_CHARACTERS);
  const firstActivityAt = delivered?.kind === 'incident' ? firstActivityOf(delivered.incident) : undefined;
  return {
    key: keyOfOrigin(origin),
    origin: origin.kind === 'sentinel' ? { ...origin, workspace } : origin,
    title,
    number: undefined,
    ...(firstActivityAt === undefined ? {} : { firstActivityAt }),
  };
}
