/** What the alerts of an incident say about its entities, where the source relates them. */
import type { Alert } from '../domain/incident.js';
import type { Severity } from '../domain/severity.js';
import type { Suspicion } from '../domain/suspicion.js';
import { lowerCase } from '../domain/unicode-text.js';
import type { ReadKeys } from './entities/index.js';
import { textsSaid } from './entities/said.js';
import { fieldOf } from './text.js';

/** By the item of a list of entities, the keys of the alert that names it. */
export type NamedBy = ReadonlyMap<unknown, string>;

/** The entities that are read with each alert. */
export function namedBy(
  alerts: Iterable<{ readonly key: string; readonly entities: readonly unknown[] }>,
): NamedBy {
  const relation = new Map<unknown, string>();
  for (const { key, entities } of alerts) for (const entity of entities) relation.set(entity, key);
  return relation;
}

/** By the key of the entity; only entities of which something is known. */
export function suspicionsOf(
  keys: ReadKeys,
  alerts: readonly Pick<Alert, 'key' | 'severity'>[],
  relation: NamedBy | undefined,
): Record<string, Suspicion> {
  const severities = new Map(alerts.map(({ key, severity }) => [key, severity]));
  const known = new Map<string, Known>();
  for (const [item, key] of keys) {
    const one = known.get(key) ?? { alerts: new Set(), remediations: new Set(), roles: new Set() };
    known.set(key, one);
    const alert = relation?.get(item);
    if (alert !== undefined) one.alerts.add(alert);
    addSigns(one, fieldOf(item, 'properties'));
  }
  const found: [string, Suspicion][] = [...known].map(([key, one]) => [
    key,
    {
      ...(one.alerts.size === 0 ? {} : { alerts: countOf(one.alerts, severities) }),
      ...firstOf('remediation', ['open', 'done'], one.remediations),
      ...firstOf('role', ['central', 'contextual'], one.roles),
    },
  ]);
  const some = found.filter(([, suspicion]) => Object.keys(suspicion).length > 0);
  return Object.fromEntries(some.sort(([a], [b]) => (a < b ? -1 : 1)));
}

type Remediation = NonNullable<Suspicion['remediation']>;
type Role = NonNullable<Suspicion['role']>;
interface Known {
  readonly alerts: Set<string>;
  readonly remediations: Set<Remediation>;
  readonly roles: Set<Role>;
}

/** By the severity of each alert; one that the incident does not list has none that is known. */
export function countOf(
  alerts: Iterable<string>,
  severities: ReadonlyMap<string, Severity>,
): NonNullable<Suspicion['alerts']> {
  const counts: Partial<Record<Severity, number>> = {};
  for (const alert of alerts) {
    const severity = severities.get(alert) ?? 'unknown';
    counts[severity] = (counts[severity] ?? 0) + 1;
  }
  return counts;
}

/** What one alert found remediated, or only contextual, may be the target in another. */
const firstOf = <K extends string, V extends string>(name: K, order: readonly V[], said: ReadonlySet<V>) => {
  const first = order.find((value) => said.has(value));
  return first === undefined ? {} : ({ [name]: first } as Record<K, V>);
};

/** https://learn.microsoft.com/graph/api/resources/security-alertevidence. `none` is what evidence has that nothing handles. */
const REMEDIATIONS: Readonly<Record<string, Remediation>> = {
  ...{ remediated: 'done', prevented: 'done', blocked: 'done' },
  ...{ active: 'open', pendingapproval: 'open', declined: 'open', running: 'open' },
  ...{ unremediated: 'open', notremediated: 'open', partiallyremediated: 'open' },
};
/** Others, such as `source` or `created`, do not say how suspicious something is. `Impacted` and `Related` are the log's. */
const ROLES: Readonly<Record<string, Role>> = {
  ...{ compromised: 'central', attacker: 'central', attacked: 'central', commandandcontrol: 'central' },
  ...{ loader: 'central', suspicious: 'central', policyviolator: 'central', impacted: 'central' },
  ...{ contextual: 'contextual', related: 'contextual' },
};

function addSigns({ remediations, roles }: Known, properties: unknown): void {
  for (const said of textsSaid(properties, 'remediationStatus')) add(remediations, REMEDIATIONS, said);
  for (const said of textsSaid(properties, 'roles')) add(roles, ROLES, said);
}

function add<T>(to: Set<T>, words: Readonly<Record<string, T>>, said: string): void {
  const word = lowerCase(said);
  if (Object.hasOwn(words, word)) to.add(words[word] as T);
}
