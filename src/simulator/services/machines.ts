/** Devices of Defender for Endpoint. https://learn.microsoft.com/defender-endpoint/api/machine */
import { ServiceError } from '../errors.js';
import { applyQuery } from '../odata.js';
import type { Call, Reply, Route } from '../router.js';
import type { Machine } from '../tenant.js';
import type { World } from '../world.js';

const host = 'api.security.microsoft.com';
const CONTEXT = `https://${host}/api/$metadata`;
const READ = ['Machine.Read.All', 'Machine.ReadWrite.All'];

/** @throws ServiceError 404. */
export function findMachine(world: World, id: string): Machine {
  const machine = world.get('machines', id.toLowerCase());
  if (machine === undefined) throw new ServiceError(404, 'ResourceNotFound', `Machine ${id} was not found`);
  return machine;
}

function visible({
  connected: _c,
  isolated: _i,
  isolationType: _t,
  vulnerabilities: _v,
  ...machine
}: Machine): Record<string, unknown> {
  return { aadDeviceId: null, vmMetadata: null, ...machine };
}

function getMachine({ params, world }: Call): Reply {
  const machine = visible(findMachine(world, params.id ?? ''));
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Machines/$entity`, ...machine } };
}

function listMachines({ query, world }: Call): Reply {
  const value = applyQuery(world.all('machines').map(visible), query);
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Machines`, value } };
}

function listVulnerabilities({ params, world }: Call): Reply {
  const { vulnerabilities } = findMachine(world, params.id ?? '');
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Vulnerabilities`, value: vulnerabilities } };
}

export const machineRoutes: readonly Route[] = [
  { host, method: 'GET', path: '/api/machines', anyOf: READ, answer: listMachines },
  { host, method: 'GET', path: '/api/machines/:id', anyOf: READ, answer: getMachine },
  {
    host,
    method: 'GET',
    path: '/api/machines/:id/vulnerabilities',
    anyOf: ['Vulnerability.Read.All'],
    answer: listVulnerabilities,
  },
];
