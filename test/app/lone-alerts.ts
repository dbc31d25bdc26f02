/** Alerts that name no incident, as their services send them, for tests. */
import type { ServiceBusClient } from '@azure/service-bus';
import type { HostEvent } from 'functions-emulator';
import { defender, TENANT_ID } from './defender-incidents.js';
import { type Responder, readTenant, type Tenant, until, WORKSPACE } from './responder.js';

export const CUSTOMER = '00000000-0000-4000-8000-0000000000ab';
export const WITHOUT_LOG = WORKSPACE.replace('law-soc', 'law-other');
/** A workspace with its log, and one whose customer id is not configured. */
export const WITH_LOG = {
  SENTINEL_WORKSPACES: JSON.stringify([{ id: WORKSPACE, customerId: CUSTOMER }, { id: WITHOUT_LOG }]),
  'AzureWebJobs.keepFailedLookups.Disabled': '',
};

export interface AlertedIncident {
  readonly incident: Tenant['incidents'][number];
  /** Ids of its alerts. */
  readonly alerts: readonly [string, string, ...string[]];
}
/** The fixture's incident with other ids, so old that no sweep finds it. By default, no playbook handles it. */
export function incidentOf(number: number, severity = 'Low'): AlertedIncident {
  const [first] = readTenant().incidents;
  if (first === undefined) throw new Error('no incident');
  const text = JSON.stringify(first)
    .replaceAll(first.name, `00000000-0000-4000-8000-0000000031${number}`)
    .replaceAll('00000000b0', `000000${number}b0`)
    .replaceAll('2417', `31${number}`);
  const incident = JSON.parse(text) as AlertedIncident['incident'];
  Object.assign(incident.properties, { severity, lastModifiedTimeUtc: '2026-03-01T08:00:00Z' });
  const alerts = (incident.alerts as { name: string }[]).map(({ name }) => name);
  return { incident, alerts: alerts as [string, string] };
}

/** The body of the Logic Apps alert trigger. */
export const triggerBody = (id: string, more: object = {}) => ({
  SystemAlertId: id,
  AlertType: `${CUSTOMER}_00000000-0000-4000-8000-000000000071`,
  AlertDisplayName: 'Suspicious service creation',
  Severity: 'Medium',
  WorkspaceSubscriptionId: '00000000-0000-4000-8000-0000000000aa',
  WorkspaceResourceGroup: 'rg-soc',
  WorkspaceId: CUSTOMER,
  Entities: [],
  ...more,
});
/** A row of the table SecurityAlert. */
export const alertRow = (id: string, more: object = {}) => ({
  TenantId: CUSTOMER,
  SystemAlertId: id,
  AlertName: 'Suspicious service creation',
  ...more,
});
/** An alert of Microsoft Graph whose incident is not known yet. */
export const graphAlert = (id: string, more: object = {}) => ({
  '@odata.type': '#microsoft.graph.security.alert',
  id,
  providerAlertId: id,
  incidentId: null,
  tenantId: TENANT_ID,
  title: 'Ransomware activity on a device',
  ...more,
});
/** A record of the streaming API. */
export const streamingRecord = (id: string) => ({
  time: '2026-03-10T08:06:00Z',
  tenantId: TENANT_ID,
  operationName: 'Publish',
  category: 'AdvancedHunting-AlertInfo',
  properties: { AlertId: id, Title: 'Ransomware activity on a device' },
});

export function mayReadAlerts(tenant: Tenant): void {
  defender(tenant).app.permissions.graph.push('SecurityAlert.Read.All');
}

export interface Stored {
  readonly id: string;
  readonly code: string;
  readonly state: string;
  readonly count: number;
}
export async function storedBodies(responder: Responder): Promise<Stored[]> {
  return (await responder.call('GET', '/api/rejected')).json.rejected as Stored[];
}

/** Takes the notices about rejected bodies that are in the queue. */
export async function notices(bus: ServiceBusClient): Promise<{ id: string; code: string }[]> {
  const receiver = bus.createReceiver('incidents-rejected', { receiveMode: 'receiveAndDelete' });
  const received = await receiver.receiveMessages(20, { maxWaitTimeInMs: 500 });
  await receiver.close();
  return received.map(({ body }) => body);
}

/** Ids of the instances with this prefix, in the order of their starts. */
export function startsOf(events: readonly HostEvent[], prefix: string): string[] {
  return events.flatMap((event) =>
    event.kind === 'instance-changed' &&
    event.runtimeStatus === 'Pending' &&
    event.instanceId.startsWith(prefix)
      ? [event.instanceId]
      : [],
  );
}

/** The custom status of a look-up that has ended. */
export function searched(responder: Responder, instanceId: string): Promise<Record<string, unknown>> {
  return until(`the end of ${instanceId}`, async () => {
    const last = responder.events.findLast(
      (event) => event.kind === 'instance-changed' && event.instanceId === instanceId,
    );
    const isOver = last?.kind === 'instance-changed' && last.runtimeStatus === 'Completed';
    return isOver ? (last.customStatus as Record<string, unknown>) : undefined;
  });
}
