/** Incidents of Sentinel. https://learn.microsoft.com/rest/api/securityinsights/incidents */

import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { etagOf } from '../../ids.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { SimulatedIncident } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { RESOURCE_MANAGER } from './host.js';
import { listIncidents } from './list-incidents.js';
import {
  armId,
  checkEtag,
  findIncident,
  INCIDENT_PATH,
  INCIDENTS_PATH,
  inScope,
  MAY_READ,
  MAY_WRITE,
} from './resource-provider.js';

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
  firstActivityTimeUtc: z.string().optional(),
  lastActivityTimeUtc: z.string().optional(),
});
const writeSchema = z.looseObject({ etag: z.string().optional(), properties: writableSchema });
/** All others are read-only: their values in a request are ignored. */
const WRITABLE = Object.keys(writableSchema.shape);

export function etagOfIncident(incident: SimulatedIncident): string {
  const { etag, properties, name } = incident;
  return etag ?? etagOf(Date.parse(properties.lastModifiedTimeUtc), name);
}

/** The incident with a change, its time and its new etag. */
export function withChange(
  incident: SimulatedIncident,
  now: number,
  change: Partial<SimulatedIncident['properties']>,
): SimulatedIncident {
  const properties = { ...incident.properties, ...change, lastModifiedTimeUtc: new Date(now).toISOString() };
  return { ...incident, properties, etag: etagOf(now, etagOfIncident(incident)) };
}

function resource(db: TenantDatabase, incident: SimulatedIncident): unknown {
  const { name, properties } = incident;
  const labels = properties.labels.map(({ labelName, labelType }) => ({
    labelName,
    labelType: labelType ?? 'User',
  }));
  return {
    id: armId(db, `Incidents/${name}`),
    name,
    etag: etagOfIncident(incident),
    type: 'Microsoft.SecurityInsights/Incidents',
    properties: { ...properties, labels },
  };
}

function update(call: RouteRequest): RouteResponse {
  const incident = findIncident(call);
  const { etag, properties } = readBody(call.text, writeSchema, 'BadRequest');
  checkEtag(call, incident.name, etagOfIncident(incident), etag);
  if (properties.status === 'Closed' && properties.classification === undefined) {
    throw new ServiceError(400, 'BadRequest', 'A closed incident needs a classification.');
  }
  const writable = Object.fromEntries(Object.entries(properties).filter(([name]) => WRITABLE.includes(name)));
  const typeOf = (label: string) =>
    incident.properties.labels.find(({ labelName }) => labelName === label)?.labelType;
  // The type of a label is read-only.
  const labels = properties.labels?.map(({ labelName }) => ({ labelName, labelType: typeOf(labelName) }));
  const written = { ...writable, ...(labels && { labels }) };
  const changed = withChange(withoutOptional(incident, written), call.now, written);
  call.db.put('incidents', changed);
  return { status: 200, body: resource(call.db, changed) };
}

/** A PUT replaces the incident: writable properties that it leaves out are gone. */
function withoutOptional(
  incident: SimulatedIncident,
  written: Readonly<Record<string, unknown>>,
): SimulatedIncident {
  const isGone = (name: string) => WRITABLE.includes(name) && name !== 'labels' && !(name in written);
  const { properties } = incident;
  const kept = Object.entries(properties).filter(([name]) => !isGone(name));
  const labels = 'labels' in written ? properties.labels : [];
  const rest = Object.fromEntries(kept) as SimulatedIncident['properties'];
  return { ...incident, properties: { ...rest, labels } };
}

function get(call: RouteRequest): RouteResponse {
  return { status: 200, body: resource(call.db, findIncident(call)) };
}

type Related = SimulatedIncident['entities'][number];
function related(db: TenantDatabase, { name, kind, properties }: Related): unknown {
  const type = 'Microsoft.SecurityInsights/Entities';
  return { id: armId(db, `Entities/${name}`), name, type, kind, properties };
}

function listAlerts(call: RouteRequest): RouteResponse {
  return {
    status: 200,
    body: { value: findIncident(call).alerts.map((alert) => related(call.db, alert)) },
  };
}

function listEntities(call: RouteRequest): RouteResponse {
  const { entities } = findIncident(call);
  const kinds = [...new Set(entities.map(({ kind }) => kind))];
  const metaData = kinds.map((entityKind) => ({
    entityKind,
    count: entities.filter(({ kind }) => kind === entityKind).length,
  }));
  return { status: 200, body: { entities: entities.map((entity) => related(call.db, entity)), metaData } };
}

export const incidentRoutes: readonly Route[] = [
  {
    host: RESOURCE_MANAGER,
    method: 'GET',
    path: INCIDENTS_PATH,
    anyOf: MAY_READ,
    handle: inScope((call) => listIncidents(call, resource)),
  },
  { host: RESOURCE_MANAGER, method: 'GET', path: INCIDENT_PATH, anyOf: MAY_READ, handle: inScope(get) },
  { host: RESOURCE_MANAGER, method: 'PUT', path: INCIDENT_PATH, anyOf: MAY_WRITE, handle: inScope(update) },
  {
    host: RESOURCE_MANAGER,
    method: 'POST',
    path: `${INCIDENT_PATH}/alerts`,
    anyOf: MAY_READ,
    handle: inScope(listAlerts),
  },
  {
    host: RESOURCE_MANAGER,
    method: 'POST',
    path: `${INCIDENT_PATH}/entities`,
    anyOf: MAY_READ,
    handle: inScope(listEntities),
  },
];
