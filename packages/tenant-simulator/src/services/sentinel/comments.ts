/** Comments on incidents. https://learn.microsoft.com/rest/api/securityinsights/incident-comments */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { etagOf } from '../../ids.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Comment } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { RESOURCE_MANAGER } from './host.js';
import { withChange } from './incidents.js';
import {
  armId,
  checkEtag,
  findIncident,
  INCIDENT_PATH,
  inScope,
  MAY_READ,
  MAY_WRITE,
} from './resource-provider.js';

const PATH = `${INCIDENT_PATH}/comments`;
/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits */
const LONGEST_MESSAGE = 30_000;
const MOST_COMMENTS = 100;

const writeSchema = z.looseObject({
  etag: z.string().optional(),
  properties: z.looseObject({ message: z.string().min(1) }),
});

function resource(db: TenantDatabase, { incident, name, etag, properties }: Comment): unknown {
  const id = armId(db, `Incidents/${incident}/Comments/${name}`);
  return { id, name, type: 'Microsoft.SecurityInsights/Incidents/Comments', etag, properties };
}

function find({ params, db }: RouteRequest): Comment | undefined {
  return db.get('comments', `${params.incident}/${params.comment}`.toLowerCase());
}

function put(call: RouteRequest): RouteResponse {
  const incident = findIncident(call);
  const { etag, properties } = readBody(call.text, writeSchema, 'BadRequest');
  if (properties.message.length > LONGEST_MESSAGE) {
    throw new ServiceError(400, 'BadRequest', `The comment is longer than ${LONGEST_MESSAGE} characters.`);
  }
  const before = find(call);
  if (before !== undefined) checkEtag(call, before.name, before.etag, etag);
  const { commentsCount, ...counts } = incident.properties.additionalData;
  if (before === undefined && commentsCount >= MOST_COMMENTS) {
    throw new ServiceError(400, 'BadRequest', `An incident cannot have more than ${MOST_COMMENTS} comments.`);
  }
  const comment = buildComment(call, incident.name, properties.message, before);
  call.db.put('comments', comment);
  const additionalData = { ...counts, commentsCount: commentsCount + (before === undefined ? 1 : 0) };
  call.db.put('incidents', withChange(incident, call.now, { additionalData }));
  return { status: before === undefined ? 201 : 200, body: resource(call.db, comment) };
}

function buildComment(
  { params, db, now }: RouteRequest,
  incident: string,
  message: string,
  before: Comment | undefined,
): Comment {
  const at = new Date(now).toISOString();
  const { objectId, displayName } = db.settings.app;
  const name = before?.name ?? params.comment ?? '';
  const properties = {
    message,
    createdTimeUtc: before?.properties.createdTimeUtc ?? at,
    lastModifiedTimeUtc: at,
    author: { objectId, email: null, userPrincipalName: null, name: displayName },
  };
  return { incident, name, etag: etagOf(now, name, before?.etag ?? ''), properties };
}

function get(call: RouteRequest): RouteResponse {
  findIncident(call);
  const comment = find(call);
  if (comment === undefined)
    throw new ServiceError(404, 'NotFound', `Comment '${call.params.comment}' was not found.`);
  return { status: 200, body: resource(call.db, comment) };
}

function list(call: RouteRequest): RouteResponse {
  const { name } = findIncident(call);
  const comments = call.db.all('comments').filter(({ incident }) => incident === name);
  return { status: 200, body: { value: comments.map((comment) => resource(call.db, comment)) } };
}

export const commentRoutes: readonly Route[] = [
  { host: RESOURCE_MANAGER, method: 'GET', path: PATH, anyOf: MAY_READ, handle: inScope(list) },
  { host: RESOURCE_MANAGER, method: 'GET', path: `${PATH}/:comment`, anyOf: MAY_READ, handle: inScope(get) },
  { host: RESOURCE_MANAGER, method: 'PUT', path: `${PATH}/:comment`, anyOf: MAY_WRITE, handle: inScope(put) },
];
