// Calls what the app asks Graph and Sentinel for besides an incident's own requests. The settings are in the environment.
// A process of its own: the app reads its settings once. Run `npm run build` before.
const app = new URL('../../../../dist/src/app/', import.meta.url);
const load = (file) => import(new URL(file, app).href);
const { soleTenant } = await load('tenants.js');
const { changedIncidents } = await load('sweep/changed-incidents.js');
const { changedDefenderIncidents } = await load('sweep/changed-defender-incidents.js');
const { findIncidentsOf } = await load('alerts/find-incidents.js');
const { endOf } = await load('incident-end.js');
const { readDefenderIncident } = await load('read-defender-incident.js');

const [armId, incidentId] = process.argv.slice(2);
const SINCE = '2026-03-10T08:00:00.000Z';
const tenant = soleTenant();
const workspace = { id: armId.split('/providers/Microsoft.SecurityInsights')[0] };
const tenantId = tenant.id;
for await (const page of changedIncidents(tenant, workspace, SINCE)) if (page.isLast) break;
for await (const page of changedDefenderIncidents(tenant, SINCE)) if (page.isLast) break;
await findIncidentsOf({ kind: 'defender', id: 'no-such-alert', tenantId }).catch(() => undefined);
await endOf({ kind: 'sentinel', armId, workspace });
await readDefenderIncident({ kind: 'defender', tenantId, id: incidentId });
