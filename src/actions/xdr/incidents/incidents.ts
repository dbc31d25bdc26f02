/**
 * Incidents of Defender in Microsoft Graph. A PATCH changes the named properties only, and Graph has no versions for them.
 * https://learn.microsoft.com/graph/api/security-incident-update
 */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import { found } from '../../../domain/found-by.js';
import type { IncidentSubject } from '../../../domain/subject.js';
import type { ActionContext, Resolution, Resolver } from '../../define.js';
import type { IncidentService, ReadIncident } from '../../incident-field.js';

const text = z.string().nullish();
const incidentSchema = z.looseObject({
  id: z.union([z.string(), z.number()]),
  status: z.string(),
  redirectIncidentId: text,
  assignedTo: text,
  classification: text,
  determination: text,
  customTags: z.array(z.string()).nullish(),
});
export type DefenderProperties = z.infer<typeof incidentSchema>;
type Read = ReadIncident<DefenderProperties>;

/** Incidents are merged into each other; a chain that is longer is no answer. */
const MOST_REDIRECTS = 5;

const idSchema = z.string().regex(/^[1-9]\d{0,19}$/);
const querySchema = z.object({ incidentId: idSchema.describe("Defender's id of the incident") });
type Query = z.infer<typeof querySchema>;

async function read(id: string, { clients, signal }: ActionContext): Promise<Read> {
  const { body } = await clients.graph.get(path`/v1.0/security/incidents/${id}`, incidentSchema, { signal });
  if (String(body.id) !== id) throw badAnswer('Microsoft Graph returned another incident.');
  return { properties: body };
}

function write(
  id: string,
  _read: Read,
  change: Partial<DefenderProperties>,
  { clients, signal }: ActionContext,
): Promise<{ readonly requestId?: string }> {
  // Graph takes null for a property that has no value; `undefined` would leave it as it is.
  const body = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value ?? null]));
  return clients.graph.patch(path`/v1.0/security/incidents/${id}`, body, z.unknown(), { signal });
}

const defenderIncidentResolver: Resolver<'incident', Query, Read> = {
  kind: 'defender.incident',
  query: querySchema,
  identify({ origin }: IncidentSubject) {
    if (origin.kind === 'defender') return { ok: true, input: { incidentId: origin.id } };
    const reason = 'The incident is handled in Sentinel: change it there.';
    return { ok: false, code: 'unsupported-target', reason };
  },
  /** Follows an incident that was merged to the one that goes on. */
  async resolve({ incidentId }, ctx) {
    let id = incidentId;
    for (let left = MOST_REDIRECTS; left > 0; left--) {
      const one = await readOrRefuse(id, ctx);
      if (!one.ok) return one;
      const next = one.found.properties.redirectIncidentId;
      if (!next) return { ...one, record: { ...one.record, notes: notesOf(incidentId, id) } };
      id = idSchema.parse(next);
    }
    return refusal(`Defender has merged incident ${incidentId} more than ${MOST_REDIRECTS} times.`);
  },
  async read(id, ctx) {
    const one = await readOrRefuse(id, ctx);
    const next = one.ok ? one.found.properties.redirectIncidentId : undefined;
    return next ? refusal(`Defender has merged the incident into ${next}.`) : one;
  },
};

const notesOf = (asked: string, id: string): string[] =>
  asked === id ? [] : [`Incident ${asked} was merged into this one.`];

const refusal = (reason: string): Resolution<Read> => ({ ok: false, code: 'unsupported-target', reason });

async function readOrRefuse(id: string, ctx: ActionContext): Promise<Resolution<Read>> {
  try {
    const incident = await read(id, ctx);
    const record = {
      kind: 'defender.incident' as const,
      id,
      name: `Incident ${id} of Defender`,
      ...found('incident-id'),
      ids: {},
      agreed: [`id ${id}`],
      unchecked: [],
    };
    return { ok: true, found: incident, record };
  } catch (error) {
    if (!(error instanceof ResponderError) || error.info.code !== 'not-found') throw error;
    return { ok: false, code: 'not-found', reason: 'Defender does not return the incident.' };
  }
}

export function badAnswer(message: string): ResponderError {
  return new ResponderError({ code: 'bad-answer', message, fault: 'service', retry: 'no' });
}

export const defenderIncidents: IncidentService<DefenderProperties> = {
  resolver: defenderIncidentResolver,
  docs: 'https://learn.microsoft.com/graph/api/security-incident-update',
  permission: {
    api: 'Microsoft Graph',
    name: 'SecurityIncident.ReadWrite.All',
    why: 'read and change incidents of Defender',
  },
  quota: 'xdr-incidents',
  read,
  write,
};
