/** Incidents of Defender XDR in the simulated tenant, for tests. */
import type { Answer } from './responder.js';
import { DEVICE, type Responder, type Tenant } from './responder.js';

export const TENANT_ID = '00000000-0000-4000-8000-0000000000ac';
const USER = '00000000-0000-4000-8000-00000000a001';

export interface SecurityIncident {
  readonly id: string;
  status: string;
  redirectIncidentId: string | null;
  lastUpdateDateTime: string;
  comments: { comment: string; createdByDisplayName?: string }[];
  alerts: Record<string, unknown>[];
  [key: string]: unknown;
}
interface DefenderTenant extends Tenant {
  app: { permissions: { graph: string[] } };
  securityIncidents: SecurityIncident[];
}
/** The parts of the tenant's state that only incidents of Defender use. */
export const defender = (tenant: Tenant) => tenant as DefenderTenant;

export const linkOf = (id: string) => `https://security.microsoft.com/incidents/${id}?tid=${TENANT_ID}`;

/** An alert about the fixture's workstation and its user. */
export function alertOf(incidentId: string, number: number, evidence: readonly object[] = EVIDENCE) {
  const id = `da${incidentId}_${number}`;
  return {
    '@odata.type': '#microsoft.graph.security.alert',
    id,
    providerAlertId: id,
    incidentId,
    tenantId: TENANT_ID,
    title: 'Ransomware activity on a device',
    description: 'Files are rewritten.',
    severity: 'high',
    status: 'new',
    category: 'Impact',
    serviceSource: 'microsoftDefenderForEndpoint',
    productName: 'Microsoft Defender for Endpoint',
    mitreTechniques: ['T1486'],
    createdDateTime: '2026-03-10T08:05:00Z',
    lastUpdateDateTime: '2026-03-10T08:06:00Z',
    incidentWebUrl: linkOf(incidentId),
    evidence,
  };
}
const EVIDENCE = [
  {
    '@odata.type': '#microsoft.graph.security.deviceEvidence',
    mdeDeviceId: DEVICE,
    deviceDnsName: 'ws-fin-0142.corp.contoso.com',
  },
  {
    '@odata.type': '#microsoft.graph.security.userEvidence',
    userAccount: {
      accountName: 'dana.ortiz',
      azureAdUserId: USER,
      userPrincipalName: 'dana.ortiz@contoso.com',
    },
  },
];

/** Adds an incident of Defender to the tenant, and the permission to read and to comment it. */
export function addDefenderIncident(
  tenant: Tenant,
  id: string,
  change: Partial<SecurityIncident> = {},
): SecurityIncident {
  const state = defender(tenant);
  state.securityIncidents ??= [];
  const permission = 'SecurityIncident.ReadWrite.All';
  if (!state.app.permissions.graph.includes(permission)) state.app.permissions.graph.push(permission);
  const incident: SecurityIncident = {
    id,
    tenantId: TENANT_ID,
    displayName: 'Ransomware on one endpoint',
    severity: 'high',
    status: 'active',
    redirectIncidentId: null,
    incidentWebUrl: linkOf(id),
    createdDateTime: '2026-03-10T08:05:00Z',
    lastUpdateDateTime: '2026-03-10T08:10:00Z',
    comments: [],
    alerts: [alertOf(id, 1)],
    ...change,
  };
  state.securityIncidents.push(incident);
  return incident;
}

/** The incident as Microsoft Graph sends it. */
export const graphBody = (id: string, more: object = {}) => ({
  '@odata.type': '#microsoft.graph.security.incident',
  id,
  tenantId: TENANT_ID,
  displayName: 'Ransomware on one endpoint',
  incidentWebUrl: linkOf(id),
  ...more,
});

/** Submits a body without a person's token. */
export function send(responder: Responder, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return responder.fetch('/api/incidents', { method: 'POST', headers, body: JSON.stringify(body) });
}
