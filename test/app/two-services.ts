/** Incidents that Sentinel and Defender both have, and what becomes of them there, for tests. */
import { addDefenderIncident, defender, TENANT_ID } from './defender-incidents.js';
import { change, type Event, nameOf } from './later-events.js';
import { anotherIncident, type Responder, type Tenant } from './responder.js';

/** Adds an incident of Sentinel that Defender has under this id, too. Returns the event that announces it. */
export function addToBoth(tenant: Tenant, id: string): Event {
  const event = anotherIncident(tenant);
  const { properties = {} } = tenant.incidents.at(-1) ?? {};
  const announced = (event.object as { properties: object }).properties;
  const providerIncidentUrl = `https://security.microsoft.com/incidents/${id}?tid=${TENANT_ID}`;
  const additionalData = {
    ...(properties as { additionalData?: object }).additionalData,
    providerIncidentUrl,
  };
  const provider = { providerName: 'Microsoft XDR', providerIncidentId: id, additionalData };
  Object.assign(properties, provider);
  Object.assign(announced, provider);
  addDefenderIncident(tenant, id);
  return event;
}

/** Defender merges an incident into another one; Sentinel closes it. */
export function merge(responder: Responder, event: Event, id: string, redirectIncidentId: string): void {
  mergeInDefender(responder, id, redirectIncidentId);
  change(responder, event, (incident) => {
    const labels = [{ labelName: 'Redirected', labelType: 'AutoAssigned' }];
    Object.assign(incident.properties, { status: 'Closed', labels });
    Object.assign(incident.properties.additionalData as object, { alertsCount: 0 });
    incident.alerts = [];
  });
}

export function mergeInDefender(responder: Responder, id: string, redirectIncidentId: string): void {
  responder.simulator.update((tenant: Tenant) => {
    const incident = defender(tenant).securityIncidents.find((one) => one.id === id);
    Object.assign(incident ?? {}, { status: 'redirected', redirectIncidentId, alerts: [] });
  });
}

export function deleteInSentinel(responder: Responder, event: Event): void {
  responder.simulator.update((tenant: Tenant) => {
    tenant.incidents = tenant.incidents.filter(({ name }) => name !== nameOf(event));
  });
}

export function deleteInDefender(responder: Responder, id: string): void {
  responder.simulator.update((tenant: Tenant) => {
    const state = defender(tenant);
    state.securityIncidents = state.securityIncidents.filter((one) => one.id !== id);
  });
}
