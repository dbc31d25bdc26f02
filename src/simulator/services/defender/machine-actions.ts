/** Isolation and its progress. https://learn.microsoft.com/defender-endpoint/api/isolate-machine */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { guidOf } from '../../ids.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Machine, MachineAction } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { findMachine } from './machines.js';

const host = 'api.security.microsoft.com';
const CONTEXT = `https://${host}/api/$metadata#MachineActions`;
const READ = ['Machine.Read.All', 'Machine.ReadWrite.All'];
const OPEN = ['Pending', 'InProgress'];

const isolateSchema = z.looseObject({
  Comment: z.string().min(1),
  IsolationType: z.enum(['Full', 'Selective', 'UnManagedDevice']),
});
const unisolateSchema = z.looseObject({ Comment: z.string().min(1) });

/**
 * Advances actions to the current time: a connected device fetches, starts and ends its actions, several in parallel.
 * Another isolation of an isolated device, full or selective, stays Pending, as in the real service:
 * https://github.com/MicrosoftDocs/microsoft-365-docs/issues/5903
 */
export function advanceMachineActions(db: TenantDatabase, now: number): void {
  const { startsAfter, endsAfter } = db.settings.machineActionTiming;
  for (const action of db.all('machineActions')) {
    const machine = db.get('machines', action.machineId);
    if (!OPEN.includes(action.status) || machine?.connected !== true) continue;
    const isolates = ISOLATES[action.type];
    if (action.reachedAt === undefined && machine.isolated === isolates) continue;
    const reachedAt = action.reachedAt === undefined ? now : Date.parse(action.reachedAt);
    const [started, ended] = [reachedAt + startsAfter * 1000, reachedAt + endsAfter * 1000];
    const status = now >= ended ? 'Succeeded' : now >= started ? 'InProgress' : 'Pending';
    if (status === action.status && action.reachedAt !== undefined) continue;
    const changedAt = status === 'Succeeded' ? ended : status === 'InProgress' ? started : reachedAt;
    db.put('machineActions', {
      ...action,
      status,
      reachedAt: new Date(reachedAt).toISOString(),
      lastUpdateDateTimeUtc: new Date(changedAt).toISOString(),
    });
    if (status === 'Succeeded' && isolates !== undefined) db.put('machines', isolation(machine, action));
  }
}

/** The isolation of a machine after an action; actions of other types do not change it. */
const ISOLATES: Readonly<Record<string, boolean | undefined>> = { Isolate: true, Unisolate: false };

function isolation({ isolationType: _ended, ...machine }: Machine, { type, scope }: MachineAction): Machine {
  if (type === 'Unisolate') return { ...machine, isolated: false };
  return { ...machine, isolated: true, ...(typeof scope === 'string' ? { isolationType: scope } : {}) };
}

function start(type: 'Isolate' | 'Unisolate', { params, text, db, now }: RouteRequest): RouteResponse {
  const machine = findMachine(db, params.id ?? '');
  const schema = type === 'Isolate' ? isolateSchema : unisolateSchema;
  const body: z.infer<typeof unisolateSchema> = readBody(text, schema, 'InvalidRequestBody');
  const before = db
    .all('machineActions')
    .filter((action) => action.machineId === machine.id && action.type === type);
  if (before.some(({ status }) => OPEN.includes(status))) {
    throw new ServiceError(400, 'ActiveRequestAlreadyExists', 'Action is already in progress');
  }
  const at = new Date(now).toISOString();
  const action: MachineAction = {
    id: guidOf('machineAction', machine.id, type, String(before.length)),
    type,
    title: null,
    scope: type === 'Isolate' ? body.IsolationType : null,
    requestor: db.settings.app.displayName,
    requestorComment: body.Comment,
    status: 'Pending',
    machineId: machine.id,
    computerDnsName: machine.computerDnsName,
    creationDateTimeUtc: at,
    lastUpdateDateTimeUtc: at,
    externalID: null,
    requestSource: 'PublicApi',
    errorHResult: 0,
    relatedFileInfo: null,
  };
  db.put('machineActions', action);
  advanceMachineActions(db, now);
  return { status: 201, body: entity(db.get('machineActions', action.id) ?? action) };
}

function publicProperties({ reachedAt: _r, ...action }: MachineAction): Record<string, unknown> {
  return action;
}

function entity(action: MachineAction): Record<string, unknown> {
  return { '@odata.context': `${CONTEXT}/$entity`, ...publicProperties(action) };
}

function getAction({ params, db }: RouteRequest): RouteResponse {
  const action = db.get('machineActions', params.id ?? '');
  if (action === undefined) {
    throw new ServiceError(404, 'ResourceNotFound', `MachineAction ${params.id} was not found`);
  }
  return { status: 200, body: entity(action) };
}

/** https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action */
function cancel({ params, text, db, now }: RouteRequest): RouteResponse {
  const action = db.get('machineActions', params.id ?? '');
  if (action === undefined) {
    throw new ServiceError(404, 'ResourceNotFound', `MachineAction ${params.id} was not found`);
  }
  readBody(text, unisolateSchema, 'InvalidRequestBody');
  if (!OPEN.includes(action.status)) {
    throw new ServiceError(400, 'InvalidInput', `MachineAction ${action.id} is in a final state`);
  }
  const lastUpdateDateTimeUtc = new Date(now).toISOString();
  const cancelled: MachineAction = { ...action, status: 'Cancelled', lastUpdateDateTimeUtc };
  db.put('machineActions', cancelled);
  return { status: 200, body: entity(cancelled) };
}

function listActions({ query, db }: RouteRequest): RouteResponse {
  const value = applyQuery(db.all('machineActions').map(publicProperties), query);
  return { status: 200, body: { '@odata.context': CONTEXT, value } };
}

export const machineActionRoutes: readonly Route[] = [
  {
    host,
    method: 'POST',
    path: '/api/machines/:id/isolate',
    anyOf: ['Machine.Isolate'],
    handle: (call) => start('Isolate', call),
  },
  {
    host,
    method: 'POST',
    path: '/api/machines/:id/unisolate',
    anyOf: ['Machine.Isolate'],
    handle: (call) => start('Unisolate', call),
  },
  {
    host,
    method: 'POST',
    path: '/api/machineactions/:id/cancel',
    anyOf: ['Machine.Isolate'],
    handle: cancel,
  },
  { host, method: 'GET', path: '/api/machineactions', anyOf: READ, handle: listActions },
  { host, method: 'GET', path: '/api/machineactions/:id', anyOf: READ, handle: getAction },
];
