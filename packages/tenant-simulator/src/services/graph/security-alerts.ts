/** Alerts of Defender XDR in Microsoft Graph. https://learn.microsoft.com/graph/api/security-alert-get */
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import { GRAPH } from './host.js';

const READ = ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'];

function get({ params, db }: RouteRequest): RouteResponse {
  const alerts = db.all('securityIncidents').flatMap((incident) => incident.alerts);
  const alert = alerts.find(({ id }) => id === params.id);
  if (alert === undefined) {
    throw new ServiceError(404, 'NotFound', `Alert with id '${params.id}' was not found.`);
  }
  const context = `https://${GRAPH.name}/v1.0/$metadata#security/alerts_v2/$entity`;
  return { status: 200, body: { '@odata.context': context, ...alert } };
}

export const securityAlertRoutes: readonly Route[] = [
  { host: GRAPH, method: 'GET', path: '/v1.0/security/alerts_v2/:id', anyOf: READ, handle: get },
];
