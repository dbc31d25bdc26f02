/** Machine actions and their progress. https://learn.microsoft.com/defender-endpoint/api/isolate-machine */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { guidOf } from '../../ids.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Machine, MachineAction } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { DEFENDER } from './host.js';
import { findMachine } from './machines.js';

const CONTEXT = `https://${DEFENDER.name}/api/$metadata#MachineActions`;
const READ = ['Machine.Read.All', 'Machine.ReadWrite.All'];
/** https://learn.microsoft.com/defender-endpoint/api/isolate-machine: of devices that are not onboarded only. */
const CONTAINED = 'UnManagedDevice';
const OPEN = ['Pending', 'InProgress'];
/** https://learn.microsoft.com/defender-endpoint/respond-machine-alerts#isolate-devices-from-the-network */
const KEPT_MS = 3 * 86_400_000;

interface ActionType {
  /** The body of its request. */
  readonly body: z.ZodType<{ Comment: string; [parameter: string]: unknown }>;
  /** The parameter that the action shows as its scope. */
  readonly scope?: string;
  readonly permission: string;
  /** The operating systems that the service refuses it on. Default: none. */
  readonly unsupported?: RegExp;
  /** Whether it has anything to do; if not, it stays Pending. Default: always. */
  readonly isDue?: (machine: Machine) => boolean;
  /** The machine after it has succeeded. Default: unchanged. */
  readonly effect?: (machine: Machine, action: MachineAction) => Machine;
}
const comment = { Comment: z.string().min(1) };

/** Each type of machine action has its own effect, and no other. By the last segment of the request's path. */
const TYPES: Readonly<Record<string, ActionType & { readonly type: string }>> = {
  isolate: {
    type: 'Isolate',
    body: z.looseObject({ ...comment, IsolationType: z.enum(['Full', 'Selective', 'UnManagedDevice']) }),
    scope: 'IsolationType',
    permission: 'Machine.Isolate',
    unsupported: /^(ios|android)/i,
    isDue: ({ isolated }) => !isolated,
    effect: (machine, { scope }) => ({
      ...machine,
      isolated: true,
      ...(typeof scope === 'string' ? { isolationType: scope } : {}),
    }),
  },
  unisolate: {
    type: 'Unisolate',
    body: z.looseObject(comment),
    permission: 'Machine.Isolate',
    isDue: ({ isolated }) => isolated,
    effect: ({ isolationType: _ended, ...machine }) => ({ ...machine, isolated: false }),
  },
  restrictCodeExecution: {
    type: 'RestrictCodeExecution',
    body: z.looseObject(comment),
    permission: 'Machine.RestrictExecution',
    unsupported: /^(?!windows)/i,
    isDue: ({ restricted }) => !restricted,
    effect: (machine) => ({ ...machine, restricted: true }),
  },
  unrestrictCodeExecution: {
    type: 'UnrestrictCodeExecution',
    body: z.looseObject(comment),
    permission: 'Machine.RestrictExecution',
    isDue: ({ restricted }) => restricted,
    effect: (machine) => ({ ...machine, restricted: false }),
  },
  collectInvestigationPackage: {
    type: 'CollectInvestigationPackage',
    body: z.looseObject(comment),
    permission: 'Machine.CollectForensics',
    unsupported: /^(ios|android)/i,
  },
  runAntiVirusScan: {
    type: 'RunAntiVirusScan',
    body: z.looseObject({ ...comment, ScanType: z.enum(['Quick', 'Full']) }),
    scope: 'ScanType',
    permission: 'Machine.Scan',
  },
};
const commentSchema = z.looseObject(comment);

/**
 * Advances actions to the current time: a connected device fetches, starts and ends its actions, several in parallel. One
 * that no device has fetched for three days times out.
 * Another isolation of an isolated device, full or selective, stays Pending, as in the real service:
 * https://github.com/MicrosoftDocs/microsoft-365-docs/issues/5903
 */
export function advanceMachineActions(db: TenantDatabase, now: number): void {
  const { startsAfter, endsAfter } = db.settings.machineActionTiming;
  for (const action of db.all('machineActions')) {
    if (!OPEN.includes(action.status)) continue;
    const machine = db.get('machines', action.machineId);
    const expired = Date.parse(action.creationDateTimeUtc) + KEPT_MS;
    if (action.reachedAt === undefined && now >= expired) {
      const lastUpdateDateTimeUtc = new Date(expired).toISOString();
      db.put('machineActions', { ...action, status: 'TimeOut', lastUpdateDateTimeUtc });
      continue;
    }
    // A containment is carried out by the other devices.
    if (machine === undefined || !(isOnline(machine) || action.scope === CONTAINED)) continue;
    const { isDue, effect } = Object.values(TYPES).find(({ type }) => type === action.type) ?? {};
    if (action.reachedAt === undefined && isDue?.(machine) === false) continue;
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
    if (status === 'Succeeded' && effect !== undefined) db.put('machines', effect(machine, action));
  }
}

/** Whether it fetches its actions. An inactive device has not been seen for seven days. https://learn.microsoft.com/defender-endpoint/fix-unhealthy-sensors */
export const isOnline = ({ connected, healthStatus }: Machine): boolean =>
  connected && healthStatus !== 'Inactive';

function start(kind: (typeof TYPES)[string], { params, text, db, now }: RouteRequest): RouteResponse {
  const { type, scope } = kind;
  const machine = findMachine(db, params.id ?? '');
  const body = readBody(text, kind.body, 'InvalidRequestBody');
  const platform = typeof machine.osPlatform === 'string' ? machine.osPlatform : '';
  if (platform !== '' && kind.unsupported?.test(platform)) {
    throw new ServiceError(400, 'OsPlatformNotSupported', `${type} is not supported on ${platform}`);
  }
  const isManaged = machine.onboardingStatus === undefined || machine.onboardingStatus === 'Onboarded';
  if (isManaged === (body.IsolationType === CONTAINED)) {
    throw new ServiceError(400, 'InvalidInput', `The device is ${isManaged ? 'managed' : 'not managed'}`);
  }
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
    scope: scope === undefined ? null : body[scope],
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
  readBody(text, commentSchema, 'InvalidRequestBody');
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
  ...Object.entries(TYPES).map(
    ([call, kind]): Route => ({
      host: DEFENDER,
      method: 'POST',
      path: `/api/machines/:id/${call}`,
      anyOf: [kind.permission],
      handle: (request) => start(kind, request),
    }),
  ),
  {
    host: DEFENDER,
    method: 'POST',
    path: '/api/machineactions/:id/cancel',
    anyOf: [...new Set(Object.values(TYPES).map(({ permission }) => permission))],
    handle: cancel,
  },
  { host: DEFENDER, method: 'GET', path: '/api/machineactions', anyOf: READ, handle: listActions },
  { host: DEFENDER, method: 'GET', path: '/api/machineactions/:id', anyOf: READ, handle: getAction },
];
