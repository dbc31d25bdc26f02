import type { Incident } from './incident.js';

/**
 * When what an incident is about began; ISO 8601, UTC. Defender gives this for alerts only: then it is the earliest of
 * them, if all are known with their times. Undefined: unknown.
 */
export function firstActivityOf({
  firstActivityAt,
  alerts,
  completeness,
}: Pick<Incident, 'firstActivityAt' | 'alerts' | 'completeness'>): string | undefined {
  if (firstActivityAt !== undefined) return firstActivityAt;
  if (completeness?.alerts !== 'full') return undefined;
  const starts = alerts.map(({ startedAt }) => startedAt);
  return starts.includes(undefined) ? undefined : starts.sort()[0];
}
