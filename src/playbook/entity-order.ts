/** The order in which the entities of one kind are enriched: a limit leaves out the last ones. */
import { compareText } from '../domain/canonical.js';
import type { Entity } from '../domain/entities.js';
import { identityRank } from '../domain/identity-rank.js';
import type { Incident } from '../domain/incident.js';
import { compareSuspicion, suspicionWords } from '../domain/suspicion.js';

type About = Pick<Incident, 'suspicion'>;

/**
 * Entities that a response may act on come first; among them the most suspicious, then the best identified. The key decides
 * at last, so the order does not depend on that of the input.
 */
export function inOrderOfLimit(entities: readonly Entity[], about: About): Entity[] {
  const suspected = (entity: Entity) => ({
    verdict: entity.verdict,
    suspicion: about.suspicion?.[entity.key],
  });
  return [...entities].sort(
    (a, b) =>
      Number(a.identity !== 'strong') - Number(b.identity !== 'strong') ||
      compareSuspicion(suspected(a), suspected(b)) ||
      identityRank(a) - identityRank(b) ||
      compareText(a.key, b.key),
  );
}

/** Why a limit leaves out this one. */
export function leftOutWords(entity: Entity, about: About): string {
  const known = suspicionWords({ verdict: entity.verdict, suspicion: about.suspicion?.[entity.key] });
  return entity.identity === 'strong' ? known : `identified by a name that others may share; ${known}`;
}
