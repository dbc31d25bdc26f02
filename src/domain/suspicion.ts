/** What the alerts of an incident say about an entity, apart from the verdict. What no source says is not known. */
import { z } from 'zod';
import type { Entity } from './entities.js';
import { severitySchema } from './severity.js';

export const suspicionSchema = z.object({
  /** How many different alerts name the entity, by their severity. Absent: not known. Empty: none of them names it. */
  alerts: z.partialRecord(severitySchema, z.int().positive()).optional(),
  /** `done`: remediated, prevented or blocked in every alert that says so. Absent: not known. */
  remediation: z.enum(['open', 'done']).optional(),
  /** `contextual`: it only shows where something happened. Absent: not known. */
  role: z.enum(['central', 'contextual']).optional(),
});
export type Suspicion = z.infer<typeof suspicionSchema>;

/** By the key of the entity. An entity of which nothing is known is not in it. */
export const suspicionsSchema = z.record(z.string(), suspicionSchema);

const VERDICTS = ['malicious', 'suspicious', undefined, 'clean'] as const;
const REMEDIATIONS = ['open', undefined, 'done'] as const;
const ROLES = ['central', undefined, 'contextual'] as const;

type Suspected = Pick<Entity, 'verdict'> & { readonly suspicion: Suspicion | undefined };

/**
 * Negative: the first is the more suspicious. What is said about the entity itself counts before the alerts that name it,
 * because they name what everyone uses, too. Not known comes after what is known to be suspicious, and before the opposite.
 */
export function compareSuspicion(a: Suspected, b: Suspected): number {
  const [first, second] = [a.suspicion ?? {}, b.suspicion ?? {}];
  return (
    VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
    REMEDIATIONS.indexOf(first.remediation) - REMEDIATIONS.indexOf(second.remediation) ||
    ROLES.indexOf(first.role) - ROLES.indexOf(second.role) ||
    compareAlerts(first.alerts, second.alerts)
  );
}

/** More alerts of the highest severity first, then more of the next one. */
function compareAlerts(a: Suspicion['alerts'], b: Suspicion['alerts']): number {
  const place = kindOf(a) - kindOf(b);
  if (place !== 0) return place;
  for (const severity of severitySchema.options) {
    const more = (b?.[severity] ?? 0) - (a?.[severity] ?? 0);
    if (more !== 0) return more;
  }
  return 0;
}

const kindOf = (alerts: Suspicion['alerts']) =>
  alerts === undefined ? 1 : Object.keys(alerts).length > 0 ? 0 : 2;

/** `found malicious, open, named by 3 alerts (2 high, 1 low)` */
export function suspicionWords({ verdict, suspicion = {} }: Suspected): string {
  const { alerts, remediation, role } = suspicion;
  const said = [
    ...(verdict === undefined ? [] : [`found ${verdict}`]),
    ...(remediation === undefined ? [] : [remediation === 'done' ? 'remediated' : 'not remediated']),
    ...(role === 'contextual' ? ['contextual only'] : []),
  ];
  return [...said, alertWords(alerts)].join(', ');
}

function alertWords(alerts: Suspicion['alerts']): string {
  if (alerts === undefined) return 'which alerts name it is not known';
  const counts = severitySchema.options.flatMap((severity) => {
    const count = alerts[severity];
    return count === undefined ? [] : [{ count, words: `${count} ${severity}` }];
  });
  const sum = counts.reduce((all, { count }) => all + count, 0);
  if (sum === 0) return 'no alert names it';
  const list = counts.map(({ words }) => words).join(', ');
  return `named by ${sum} ${sum === 1 ? 'alert' : 'alerts'} (${list})`;
}
