/** Examples of test/intake/examples, as the intake reads them. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type NormalisedIncident, normalisedIncidentSchema } from '../../src/domain/incident.js';
import { normaliseBody } from '../../src/intake/index.js';

export const folder = new URL('examples/', import.meta.url);
export const exampleText = (name: string) => readFileSync(new URL(name, folder), 'utf8');
export const example = (name: string) => JSON.parse(exampleText(name));
const MAXIMUM = 10_000_000;
export const read = (body: unknown) => normaliseBody(body, MAXIMUM);
export function incidentsIn(body: unknown): NormalisedIncident[] {
  return read(body).map((item) => {
    if (item.kind !== 'incident') throw new Error(`${item.code} ${item.path}`);
    expect(normalisedIncidentSchema.parse(item.incident)).toEqual(item.incident);
    return item.incident;
  });
}
export function only(body: unknown): NormalisedIncident {
  const [incident, ...more] = incidentsIn(body);
  if (incident === undefined || more.length > 0) throw new Error('not one incident');
  return incident;
}
export const keys = (incident: NormalisedIncident) => incident.entities.map(({ key }) => key);
export function kindsOf({ entities }: Pick<NormalisedIncident, 'entities'>): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { kind } of entities) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}
