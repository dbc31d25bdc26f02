/** Tasks on incidents. https://learn.microsoft.com/rest/api/securityinsights/incident-tasks */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { etagOf } from '../../ids.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Task } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { RESOURCE_MANAGER } from './host.js';
import {
  armId,
  checkEtag,
  findIncident,
  INCIDENT_PATH,
  inScope,
  MAY_READ,
  MAY_WRITE,
} from './resource-provider.js';

const PATH = `${INCIDENT_PATH}/tasks`;
/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits */
const MOST_TASKS = 40;

const writeSchema = z.looseObject({
  etag: z.string().optional(),
  properties: z.looseObject({
    title: z.string().min(1),
    description: z.string().optional(),
    status: z.enum(['New', 'Completed']),
  }),
});

function resource(db: TenantDatabase, { incident, name, etag, properties }: Task): unknown {
  const id = armId(db, `Incidents/${incident}/Tasks/${name}`);
  return { id, name, type: 'Microsoft.SecurityInsights/Incidents/Tasks', etag, properties };
}

function find({ params, db }: RouteRequest): Task | undefined {
  return db.get('tasks', `${params.incident}/${params.task}`.toLowerCase());
}

const tasksOf = ({ db }: RouteRequest, incident: string): Task[] =>
  db.all('tasks').filter((task) => task.incident === incident);

/** A PUT without an etag creates, and overwrites nothing. */
function put(call: RouteRequest): RouteResponse {
  const { params, db, now } = call;
  const incident = findIncident(call);
  const { etag, properties } = readBody(call.text, writeSchema, 'BadRequest');
  const before = find(call);
  if (before !== undefined) checkEtag(call, before.name, before.etag, etag);
  else if (tasksOf(call, incident.name).length >= MOST_TASKS) {
    throw new ServiceError(400, 'BadRequest', `An incident cannot have more than ${MOST_TASKS} tasks.`);
  }
  const at = new Date(now).toISOString();
  const name = before?.name ?? params.task ?? '';
  const { objectId, displayName } = db.settings.app;
  const createdBy = { objectId, email: null, userPrincipalName: null, name: displayName };
  const { title, description, status } = properties;
  const task: Task = {
    incident: incident.name,
    name,
    etag: etagOf(now, name, before?.etag ?? ''),
    properties: {
      title,
      ...(description === undefined ? {} : { description }),
      status,
      createdTimeUtc: before?.properties.createdTimeUtc ?? at,
      lastModifiedTimeUtc: at,
      createdBy,
    },
  };
  db.put('tasks', task);
  return { status: before === undefined ? 201 : 200, body: resource(db, task) };
}

function get(call: RouteRequest): RouteResponse {
  findIncident(call);
  const task = find(call);
  if (task === undefined)
    throw new ServiceError(404, 'NotFound', `Task '${call.params.task}' was not found.`);
  return { status: 200, body: resource(call.db, task) };
}

function list(call: RouteRequest): RouteResponse {
  const { name } = findIncident(call);
  return { status: 200, body: { value: tasksOf(call, name).map((task) => resource(call.db, task)) } };
}

function remove(call: RouteRequest): RouteResponse {
  findIncident(call);
  const task = find(call);
  if (task === undefined) return { status: 204, body: undefined };
  const { header, db } = call;
  if (header('if-match') !== undefined) checkEtag(call, task.name, task.etag, undefined);
  db.delete('tasks', `${task.incident}/${task.name}`.toLowerCase());
  return { status: 200, body: undefined };
}

export const taskRoutes: readonly Route[] = [
  { host: RESOURCE_MANAGER, method: 'GET', path: PATH, anyOf: MAY_READ, handle: inScope(list) },
  { host: RESOURCE_MANAGER, method: 'GET', path: `${PATH}/:task`, anyOf: MAY_READ, handle: inScope(get) },
  { host: RESOURCE_MANAGER, method: 'PUT', path: `${PATH}/:task`, anyOf: MAY_WRITE, handle: inScope(put) },
  {
    host: RESOURCE_MANAGER,
    method: 'DELETE',
    path: `${PATH}/:task`,
    anyOf: MAY_WRITE,
    handle: inScope(remove),
  },
];
