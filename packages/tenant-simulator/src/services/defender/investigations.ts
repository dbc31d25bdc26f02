/** Automated investigations. https://learn.microsoft.com/defender-endpoint/api/initiate-autoir-investigation */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { DEFENDER } from './host.js';
import { isOnline } from './machine-actions.js';
import { findMachine } from './machines.js';

const CONTEXT = `https://${DEFENDER.name}/api/$metadata#Investigations`;
const READ = ['Alert.Read.All', 'Alert.ReadWrite.All'];
const FIRST_ID = 63_000;
const commentSchema = z.looseObject({ Comment: z.string().min(1) });

/** Queued investigations begin when their device is online. They have no other end than one that a test gives them. */
export function advanceInvestigations(db: TenantDatabase): void {
  for (const one of db.all('investigations')) {
    const machine = db.get('machines', one.machineId);
    if (one.state === 'Queued' && machine !== undefined && isOnline(machine)) {
      db.put('investigations', { ...one, state: 'Running' });
    }
  }
}

function start({ params, text, db, now }: RouteRequest): RouteResponse {
  const machine = findMachine(db, params.id ?? '');
  readBody(text, commentSchema, 'InvalidRequestBody');
  const started = {
    id: String(FIRST_ID + db.all('investigations').length),
    startTime: new Date(now).toISOString(),
    endTime: null,
    state: isOnline(machine) ? 'Running' : 'Queued',
    cancelledBy: null,
    statusDetails: null,
    machineId: machine.id,
    computerDnsName: machine.computerDnsName,
    triggeringAlertId: null,
  };
  db.put('investigations', started);
  return { status: 201, body: { '@odata.context': `${CONTEXT}/$entity`, ...started } };
}

function get({ params, db }: RouteRequest): RouteResponse {
  const found = db.get('investigations', params.id ?? '');
  if (found === undefined) {
    throw new ServiceError(404, 'ResourceNotFound', `Investigation ${params.id} was not found`);
  }
  return { status: 200, body: { '@odata.context': `${CONTEXT}/$entity`, ...found } };
}

function list({ query, db }: RouteRequest): RouteResponse {
  const value = applyQuery(db.all('investigations'), query);
  return { status: 200, body: { '@odata.context': CONTEXT, value } };
}

export const investigationRoutes: readonly Route[] = [
  {
    host: DEFENDER,
    method: 'POST',
    path: '/api/machines/:id/startInvestigation',
    anyOf: ['Alert.ReadWrite.All'],
    handle: start,
  },
  { host: DEFENDER, method: 'GET', path: '/api/investigations', anyOf: READ, handle: list },
  { host: DEFENDER, method: 'GET', path: '/api/investigations/:id', anyOf: READ, handle: get },
];
