/** Incidents of Sentinel. https://learn.microsoft.com/rest/api/securityinsights/incidents */
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import { etagOf } from '../ids.js';
import type { Call, Reply, Route } from '../router.js';
import type { SimulatedIncident } from '../tenant.js';
import type { World } from '../world.js';
import { readBody } from './body.js';
import { armId, checkEtag, findIncident, INCIDENT_PATH, inScope, MAY_READ, MAY_WRITE } from './sentinel.js';

const host = 'management.azure.com';

const ownerSchema = z.looseObject({});
const writableSchema = z.looseObject({
  title: z.string().min(1),
  severity: z.enum(['High', 'Medium', 'Low', 'Informational']),
  status: z.enum(['New', 'Active', 'Closed']),
  description: z.string().optional(),
  owner: ownerSchema.optional(),
  labels: z.array(z.looseObject({ labelName: z.string() })).optional(),
  classification: z.enum(['Undetermined', 'TruePositive', 'BenignPositive', 'FalsePositive']).optional(),
  classificationReason: z.string().optional(),
  classificationComment: z.string().optional(),
});
const writeSchema = z.looseObject({ etag: z.string().optional(), properties: writableSchema });
/** All others are read-only: what a caller sends for them is ignored. */
const WRITABLE = Object.keys(writableSchema.shape);

export function etagOfIncident(incident: SimulatedIncident): string {
  const { etag, properties, name } = incident;
  return etag ?? etagOf(Date.parse(properties.lastModifiedTimeUtc), name);
}

/** The incident with a change, its time and its new etag. */
export function touch(
  incident: SimulatedIncident,
  now: number,
  change: Partial<SimulatedIncident['properties']>,
): SimulatedIncident {
  const properties = { ...incident.properties, ...change, lastModifiedTimeUtc: new Date(now).toISOString() };
  return { ...incident, properties, etag: etagOf(now, etagOfIncident(incident)) };
}

function resource(world: World, incident: SimulatedIncident): unknown {
  const { name, properties } = incident;
  const labels = properties.labels.map(({ labelName, labelType }) => ({
    labelName,
    labelType: labelType ?? 'User',
  }));
  return {
    id: armId(world, `Incidents/${name}`),
    name,
    etag: etagOfIncident(incident),
    type: 'Microsoft.SecurityInsights/Incidents',
    properties: { ...properties, labels },
  };
}

function update(call: Call): Reply {
  const incident = findIncident(call);
  const { etag, properties } = readBody(call.text, writeSchema, 'BadRequest');
  checkEtag(call, incident.name, etagOfIncident(incident), etag);
  if (properties.status === 'Closed' && properties.classification === undefined) {
    throw new ServiceError(400, 'BadRequest', 'A closed incident needs a classification.');
  }
  const written = Object.fromEntries(Object.entries(properties).filter(([name]) => WRITABLE.includes(name)));
  const changed = touch(incident, call.now, written);
  call.world.put('incidents', changed);
  return { status: 200, body: resource(call.world, changed) };
}

function get(call: Call): Reply {
  return { status: 200, body: resource(call.world, findIncident(call)) };
}

type Related = SimulatedIncident['entities'][number];
function related(world: World, { name, kind, properties }: Related): unknown {
  const type = 'Microsoft.SecurityInsights/Entities';
  return { id: armId(world, `Entities/${name}`), name, type, kind, properties };
}

function listAlerts(call: Call): Reply {
  return {
    status: 200,
    body: { value: findIncident(call).alerts.map((alert) => related(call.world, alert)) },
  };
}

function listEntities(call: Call): Reply {
  const { entities } = findIncident(call);
  const kinds = [...new Set(entities.map(({ kind }) => kind))];
  const metaData = kinds.map((entityKind) => ({
    entityKind,
    count: entities.filter(({ kind }) => kind === entityKind).length,
  }));
  return { status: 200, body: { entities: entities.map((entity) => related(call.world, entity)), metaData } };
}

export const incidentRoutes: readonly Route[] = [
  { host, method: 'GET', path: INCIDENT_PATH, anyOf: MAY_READ, answer: inScope(get) },
  { host, method: 'PUT', path: INCIDENT_PATH, anyOf: MAY_WRITE, answer: inScope(update) },
  { host, method: 'POST', path: `${INCIDENT_PATH}/alerts`, anyOf: MAY_READ, answer: inScope(listAlerts) },
  { host, method: 'POST', path: `${INCIDENT_PATH}/entities`, anyOf: MAY_READ, answer: inScope(listEntities) },
];
