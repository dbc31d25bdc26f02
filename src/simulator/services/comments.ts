/** Comments on incidents. https://learn.microsoft.com/rest/api/securityinsights/incident-comments */
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import { etagOf } from '../ids.js';
import type { Call, Reply, Route } from '../router.js';
import type { Comment } from '../tenant.js';
import type { World } from '../world.js';
import { readBody } from './body.js';
import { touch } from './incidents.js';
import { armId, checkEtag, findIncident, INCIDENT_PATH, inScope, MAY_READ, MAY_WRITE } from './sentinel.js';

const host = 'management.azure.com';
const PATH = `${INCIDENT_PATH}/comments`;
/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits */
const LONGEST_MESSAGE = 30_000;
const MOST_COMMENTS = 100;

const writeSchema = z.looseObject({
  etag: z.string().optional(),
  properties: z.looseObject({ message: z.string().min(1) }),
});

function resource(world: World, { incident, name, etag, properties }: Comment): unknown {
  const id = armId(world, `Incidents/${incident}/Comments/${name}`);
  return { id, name, type: 'Microsoft.SecurityInsights/Incidents/Comments', etag, properties };
}

function find({ params, world }: Call): Comment | undefined {
  return world.get('comments', `${params.incident}/${params.comment}`.toLowerCase());
}

function put(call: Call): Reply {
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
  const comment = written(call, incident.name, properties.message, before);
  call.world.put('comments', comment);
  const additionalData = { ...counts, commentsCount: commentsCount + (before === undefined ? 1 : 0) };
  call.world.put('incidents', touch(incident, call.now, { additionalData }));
  return { status: before === undefined ? 201 : 200, body: resource(call.world, comment) };
}

function written(
  { params, world, now }: Call,
  incident: string,
  message: string,
  before: Comment | undefined,
): Comment {
  const at = new Date(now).toISOString();
  const { objectId, displayName } = world.settings.app;
  const name = before?.name ?? params.comment ?? '';
  const properties = {
    message,
    createdTimeUtc: before?.properties.createdTimeUtc ?? at,
    lastModifiedTimeUtc: at,
    author: { objectId, email: null, userPrincipalName: null, name: displayName },
  };
  return { incident, name, etag: etagOf(now, name, before?.etag ?? ''), properties };
}

function get(call: Call): Reply {
  findIncident(call);
  const comment = find(call);
  if (comment === undefined)
    throw new ServiceError(404, 'NotFound', `Comment '${call.params.comment}' was not found.`);
  return { status: 200, body: resource(call.world, comment) };
}

function list(call: Call): Reply {
  const { name } = findIncident(call);
  const comments = call.world.all('comments').filter(({ incident }) => incident === name);
  return { status: 200, body: { value: comments.map((comment) => resource(call.world, comment)) } };
}

export const commentRoutes: readonly Route[] = [
  { host, method: 'GET', path: PATH, anyOf: MAY_READ, answer: inScope(list) },
  { host, method: 'GET', path: `${PATH}/:comment`, anyOf: MAY_READ, answer: inScope(get) },
  { host, method: 'PUT', path: `${PATH}/:comment`, anyOf: MAY_WRITE, answer: inScope(put) },
];
