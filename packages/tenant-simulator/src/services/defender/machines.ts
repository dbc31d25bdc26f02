/** Devices of Defender for Endpoint. https://learn.microsoft.com/defender-endpoint/api/machine */

import { ServiceError } from '../../errors.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Machine } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { DEFENDER } from './host.js';

const CONTEXT = `https://${DEFENDER.name}/api/$metadata`;
const READ = ['Machine.Read.All', 'Machine.ReadWrite.All'];

/** @throws ServiceError 404. */
export function findMachine(db: TenantDatabase, id: string): Machine {
  const machine = db.get('machines', id.toLowerCase());
  if (machine === undefined) throw new ServiceError(404, 'ResourceNotFound', `Machine ${id} was not found`);
  return machine;
}

function publicProperties({
  connected: _c,
  isolated: _i,
  isolationType: _t,
  vulnerabilities: _v,
  ...machine
}: Machine): Record<string, unknown> {
  return { aadDeviceId: null, vmMetadata: null, ...machine };
}

function getMachine({ params, db }: RouteRequest): RouteResponse {
  const machine = publicProperties(findMachine(db, params.id ?? ''));
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Machines/$entity`, ...machine } };
}

function listMachines({ query, db }: RouteRequest): RouteResponse {
  const value = applyQuery(db.all('machines').map(publicProperties), query);
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Machines`, value } };
}

function listVulnerabilities({ params, db }: RouteRequest): RouteResponse {
  const { vulnerabilities } = findMachine(db, params.id ?? '');
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Vulnerabilities`, value: vulnerabilities } };
}

export const machineRoutes: readonly Route[] = [
  { host: DEFENDER, method: 'GET', path: '/api/machines', anyOf: READ, handle: listMachines },
  { host: DEFENDER, method: 'GET', path: '/api/machines/:id', anyOf: READ, handle: getMachine },
  {
    host: DEFENDER,
    method: 'GET',
    path: '/api/machines/:id/vulnerabilities',
    anyOf: ['Vulnerability.Read.All'],
    handle: listVulnerabilities,
  },
];
