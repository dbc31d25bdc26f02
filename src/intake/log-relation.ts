/** Sentinel lists the alerts and the entities of an incident, but not which names which: the rows of its log do. */
import type { Incident } from '../domain/incident.js';
import type { Suspicion } from '../domain/suspicion.js';
import { alertKeyOf } from './alerts.js';
import { normaliseEntities } from './entities/index.js';
import { mergeEntities } from './entities/merge.js';
import { readLogAlert } from './read/log.js';
import { countOf } from './suspicion.js';
import type { Json } from './text.js';

/**
 * How many alerts name each entity, by the rows of SecurityAlert. If a row of an alert is missing, or was not read in full, an
 * entity that no other alert names is not known to be named by none.
 */
export function suspicionInLog(incident: Incident, rows: readonly Json[]): Record<string, Suspicion> {
  const severities = new Map(incident.alerts.map(({ key, severity }) => [key, severity]));
  const read = rows
    .map(readLogAlert)
    .map(({ alert, entities, warnings }) => ({
      key: alertKeyOf(alert),
      entities: normaliseEntities(entities).entities,
      isRead: warnings.length === 0,
    }))
    .filter(({ key }) => severities.has(key));
  const found = new Set(read.flatMap(({ key, isRead }) => (isRead ? [key] : [])));
  const isComplete =
    incident.alerts.every(({ key }) => found.has(key)) && incident.completeness?.alerts === 'full';
  // An alert may name an entity by fewer identifiers than the incident has of it, or by more.
  const { mergedInto } = mergeEntities([...incident.entities, ...read.flatMap(({ entities }) => entities)]);
  const keyOf = (key: string) => mergedInto.get(key) ?? key;
  const alerts = new Map<string, Set<string>>();
  for (const { key: alert, entities } of read) {
    for (const { key } of entities) {
      const named = alerts.get(keyOf(key)) ?? new Set();
      alerts.set(keyOf(key), named.add(alert));
    }
  }
  const suspicions = incident.entities.flatMap(({ key }): [string, Suspicion][] => {
    const named = alerts.get(keyOf(key));
    if (named === undefined && !isComplete) return [];
    return [[key, { ...incident.suspicion?.[key], alerts: countOf(named ?? [], severities) }]];
  });
  return { ...incident.suspicion, ...Object.fromEntries(suspicions) };
}
