/**
 * Incidents of Sentinel. A write replaces all writable properties, so each one sends back what was read, on top of the version
 * that was read. https://learn.microsoft.com/rest/api/securityinsights/incidents/create-or-update
 */
import { z } from 'zod';
import { type ApiPath, armId, path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import { found } from '../../../domain/found-by.js';
import type { IncidentSubject } from '../../../domain/subject.js';
import { lowerCase } from '../../../domain/unicode-text.js';
import type { ActionContext, Resolution, Resolver } from '../../define.js';
import { enumValueOf } from '../../enum-value.js';
import type { IncidentService, ReadIncident } from '../../incident-field.js';

const API_VERSION = '2025-09-01';

const text = z.string().nullish();
const propertiesSchema = z.looseObject({
  title: z.string(),
  severity: z.string(),
  status: z.string(),
  incidentNumber: z.number().nullish(),
  description: text,
  owner: z.looseObject({ objectId: text }).nullish(),
  labels: z.array(z.looseObject({ labelName: z.string(), labelType: text })).nullish(),
  classification: text,
  classificationReason: text,
  classificationComment: text,
  firstActivityTimeUtc: text,
  lastActivityTimeUtc: text,
});
export type SentinelProperties = z.infer<typeof propertiesSchema>;
const incidentSchema = z.looseObject({ etag: text, properties: propertiesSchema });

/** What a write may change; all others are read-only. */
const WRITABLE = [
  ...(['title', 'severity', 'status', 'description', 'owner', 'labels'] as const),
  ...(['classification', 'classificationReason', 'classificationComment'] as const),
  ...(['firstActivityTimeUtc', 'lastActivityTimeUtc'] as const),
] as const;

export const SEVERITIES = ['High', 'Medium', 'Low', 'Informational'] as const;
export const STATUSES = ['New', 'Active', 'Closed'] as const;

/** @throws ResponderError `bad-answer` for a value that is not documented. */
export function documented<const V extends string>(values: readonly V[], given: string): V {
  const value = enumValueOf(values, given);
  if (value !== undefined) return value;
  throw new ResponderError({
    code: 'bad-answer',
    message: 'Sentinel returned a severity or a status that it does not document.',
    fault: 'service',
    retry: 'no',
  });
}

function pathOf(id: string): ApiPath {
  return path`${armId(id)}?api-version=${API_VERSION}`;
}

async function read(
  id: string,
  { clients, signal }: ActionContext,
): Promise<ReadIncident<SentinelProperties>> {
  const { body, etag } = await clients.arm.get(pathOf(id), incidentSchema, { signal });
  return { properties: body.properties, etag: body.etag ?? etag };
}

async function write(
  id: string,
  { properties, etag }: ReadIncident<SentinelProperties>,
  change: Partial<SentinelProperties>,
  { clients, signal }: ActionContext,
): Promise<{ readonly requestId?: string }> {
  if (!etag) throw noVersion();
  const next = { ...properties, ...change };
  // Of a label only the name can be written: the service sets the type.
  const labels = next.labels?.map(({ labelName }) => ({ labelName }));
  const written = WRITABLE.flatMap((name) => (next[name] == null ? [] : [[name, next[name]] as const]));
  const body = { etag, properties: { ...Object.fromEntries(written), ...(labels && { labels }) } };
  return clients.arm.put(pathOf(id), body, z.unknown(), { signal, ifMatch: etag });
}

/** Without a version a write would overwrite what others have changed. */
function noVersion(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Sentinel returned the incident without its version, so it cannot be changed safely.',
    fault: 'service',
    retry: 'no',
    next: 'Change the incident by hand.',
  });
}

const querySchema = z.object({
  armId: z
    .string()
    .regex(/\/providers\/Microsoft\.SecurityInsights\/incidents\/[^/]+$/i)
    .describe('ARM id of the incident'),
});
type Query = z.infer<typeof querySchema>;

export const sentinelIncidentResolver: Resolver<'incident', Query, ReadIncident<SentinelProperties>> = {
  kind: 'sentinel.incident',
  query: querySchema,
  identify({ origin }: IncidentSubject) {
    if (origin.kind === 'sentinel') return { ok: true, input: { armId: origin.armId } };
    const reason = 'Sentinel does not have the incident: it is one of Defender.';
    return { ok: false, code: 'unsupported-target', reason };
  },
  resolve: ({ armId: id }, ctx) => resolve(id, ctx),
  read: resolve,
};

async function resolve(
  id: string,
  ctx: ActionContext,
): Promise<Resolution<ReadIncident<SentinelProperties>>> {
  try {
    const incident = await read(id, ctx);
    const { incidentNumber } = incident.properties;
    const record = {
      kind: 'sentinel.incident' as const,
      id: lowerCase(id),
      name: incidentNumber == null ? 'The incident' : `Incident #${incidentNumber}`,
      ...found('incident-id'),
      ids: {},
      agreed: [`ARM id ${id}`],
      unchecked: [],
    };
    return { ok: true, found: incident, record };
  } catch (error) {
    if (!(error instanceof ResponderError) || error.info.code !== 'not-found') throw error;
    return { ok: false, code: 'not-found', reason: 'Sentinel does not return the incident.' };
  }
}

export const sentinelIncidents: IncidentService<SentinelProperties> = {
  resolver: sentinelIncidentResolver,
  docs: 'https://learn.microsoft.com/rest/api/securityinsights/incidents/create-or-update',
  permission: { api: 'Azure RBAC', name: 'Microsoft Sentinel Responder', why: 'read and change incidents' },
  quota: 'arm-writes',
  read,
  write,
};
