/** Devices of Defender for Endpoint. https://learn.microsoft.com/defender-endpoint/api/machine */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { applyQuery, propertiesOf } from '../../odata.js';
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
  restricted: _r,
  vulnerabilities: _v,
  logonUsers: _u,
  missingUpdates: _m,
  ...machine
}: Machine): Record<string, unknown> {
  return { ...NO_VALUES, ...machine };
}
const NO_VALUES = {
  aadDeviceId: null,
  vmMetadata: null,
  mergedIntoMachineId: null,
  isPotentialDuplication: false,
  isExcluded: false,
  exclusionReason: null,
};

/** https://learn.microsoft.com/defender-endpoint/api/get-machines */
const FILTERABLE = new Set([
  ...['id', 'computerDnsName', 'version', 'deviceValue', 'aadDeviceId', 'machineTags', 'lastSeen'],
  ...['exposureLevel', 'onboardingStatus', 'lastIpAddress', 'healthStatus', 'osPlatform', 'riskScore'],
  'rbacGroupId',
]);

/** @throws ServiceError 400 where the service cannot filter by a property. */
function checkFilter(filter: string): void {
  const other = propertiesOf(filter).find((property) => !FILTERABLE.has(property));
  if (other === undefined) return;
  throw new ServiceError(400, 'InvalidInput', `The property '${other}' cannot be used in the query option.`);
}

function getMachine({ params, db }: RouteRequest): RouteResponse {
  const machine = publicProperties(findMachine(db, params.id ?? ''));
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Machines/$entity`, ...machine } };
}

function listMachines({ query, db }: RouteRequest): RouteResponse {
  checkFilter(query.get('$filter') ?? '');
  const value = applyQuery(db.all('machines').map(publicProperties), query);
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Machines`, value } };
}

const tagBody = z.strictObject({ Value: z.string().min(1), Action: z.enum(['Add', 'Remove']) });

/** https://learn.microsoft.com/defender-endpoint/api/add-or-remove-machine-tags */
function changeTag({ params, text, db }: RouteRequest): RouteResponse {
  const machine = findMachine(db, params.id ?? '');
  const { Value, Action } = readBody(text, tagBody, 'InvalidRequestBody');
  const others = machine.machineTags.filter((tag) => tag.toLowerCase() !== Value.toLowerCase());
  const has = others.length < machine.machineTags.length;
  const machineTags = Action === 'Remove' ? others : has ? machine.machineTags : [...others, Value];
  const changed = { ...machine, machineTags };
  db.put('machines', changed);
  return {
    status: 200,
    body: { '@odata.context': `${CONTEXT}#Machines/$entity`, ...publicProperties(changed) },
  };
}

function listVulnerabilities({ params, db }: RouteRequest): RouteResponse {
  const { vulnerabilities } = findMachine(db, params.id ?? '');
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Vulnerabilities`, value: vulnerabilities } };
}

/** https://learn.microsoft.com/defender-endpoint/api/get-machine-log-on-users */
function listLogonUsers({ params, db }: RouteRequest): RouteResponse {
  const { logonUsers = [] } = findMachine(db, params.id ?? '');
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Users`, value: logonUsers } };
}

/** https://learn.microsoft.com/defender-endpoint/api/get-missing-kbs-machine */
function listMissingUpdates({ params, db }: RouteRequest): RouteResponse {
  const { missingUpdates = [] } = findMachine(db, params.id ?? '');
  const context = `${CONTEXT}#Collection(microsoft.windowsDefenderATP.api.PublicProductFixDto)`;
  return { status: 200, body: { '@odata.context': context, value: missingUpdates } };
}

export const machineRoutes: readonly Route[] = [
  { host: DEFENDER, method: 'GET', path: '/api/machines', anyOf: READ, handle: listMachines },
  { host: DEFENDER, method: 'GET', path: '/api/machines/:id', anyOf: READ, handle: getMachine },
  {
    host: DEFENDER,
    method: 'POST',
    path: '/api/machines/:id/tags',
    anyOf: ['Machine.ReadWrite.All'],
    handle: changeTag,
  },
  {
    host: DEFENDER,
    method: 'GET',
    path: '/api/machines/:id/vulnerabilities',
    anyOf: ['Vulnerability.Read.All'],
    handle: listVulnerabilities,
  },
  {
    host: DEFENDER,
    method: 'GET',
    path: '/api/machines/:id/logonusers',
    anyOf: ['User.Read.All'],
    handle: listLogonUsers,
  },
  {
    host: DEFENDER,
    method: 'GET',
    path: '/api/machines/:id/getmissingkbs',
    anyOf: ['Software.Read.All'],
    handle: listMissingUpdates,
  },
];
