/** Looks up the records that a plan's steps would be carried out on. */
import { responses } from '../actions/registry.generated.js';
import { resolveTarget } from '../actions/run.js';
import { cleanErrorText } from '../domain/error-text.js';
import type { Incident } from '../domain/incident.js';
import { incidentRef } from '../orchestrator/handling.js';
import type { ResolvedTarget, WantedTarget } from '../playbook/index.js';
import { contextOf } from './step-context.js';

/** So many look-ups at once. */
const AT_ONCE = 8;

/**
 * What each response would be carried out on, by `targetKey`. Where a service does not answer, the record is not known:
 * the step is left to people.
 */
export async function resolveTargets(
  wanted: readonly WantedTarget[],
  incident: Incident,
): Promise<Map<string, ResolvedTarget>> {
  const ref = incidentRef(incident);
  const found = new Map<string, ResolvedTarget>();
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    const batch = wanted.slice(i, i + AT_ONCE);
    await Promise.all(
      batch.map(async ({ key, action, entityKey, query }) => {
        const response = responses.find(({ name }) => name === action);
        if (response === undefined) return;
        const result = await resolveTarget(response, query, contextOf(ref, action, entityKey));
        found.set(key, result.ok ? result.value : unresolved(result.error.message));
      }),
    );
  }
  return found;
}

function unresolved(why: string): ResolvedTarget {
  const reason = `Which record it is could not be looked up: ${cleanErrorText(why)}`;
  return { ok: false, code: 'target-unknown', reason };
}
