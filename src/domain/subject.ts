/** What a rule of a playbook is about: an entity of the incident, or the incident itself. */
import { z } from 'zod';
import type { Entity, EntityKind, EntityOf } from './entities.js';
import type { Incident } from './incident.js';

/** Which service owns the incident: only its actions can change it. */
export const incidentServiceSchema = z.enum(['sentinel', 'defender']);

/** The incident as the subject of a rule. It is not among the entities of an incident. */
export const incidentSubjectSchema = z.object({
  kind: z.literal('incident'),
  key: z.string(),
  /** Its number, or id in Defender. Titles change while an incident is handled. */
  display: z.string(),
  service: incidentServiceSchema,
});
export interface IncidentSubject extends z.infer<typeof incidentSubjectSchema> {
  readonly identity: 'strong';
  readonly origin: Incident['origin'];
}

export type Subject = Entity | IncidentSubject;
export type SubjectKind = EntityKind | 'incident';
export type SubjectOf<K extends SubjectKind> = K extends EntityKind ? EntityOf<K> : IncidentSubject;

export function incidentSubject({
  key,
  number,
  origin,
}: Pick<Incident, 'key' | 'number' | 'origin'>): IncidentSubject {
  const name = number ?? (origin.kind === 'defender' ? origin.id : undefined);
  return {
    kind: 'incident',
    key: `incident:${key}`,
    display: name === undefined ? 'the incident' : `incident #${name}`,
    service: origin.kind,
    identity: 'strong',
    origin,
  };
}
