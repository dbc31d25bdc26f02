/** Looks up the target records of a plan's steps. */
import { responses } from '../actions/registry.generated.js';
import { resolveTarget } from '../actions/run.js';
import { cleanErrorText } from '../domain/error-text.js';
import type { Incident } from '../domain/incident.js';
import { incidentRef } from '../orchestrator/scope.js';
import type { ResolvedTarget, TargetRequest } from '../playbook/index.js';
import { contextOf } from './step-context.js';

/** The number of parallel look-ups. */
const AT_ONCE = 8;

/**
 * The target record of each response, by `targetKey`. If a service is unavailable, the record is unknown, and the step is
 * left to an analyst.
 */
export async function resolveTargets(
  wanted: readonly TargetRequest[],
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
  const reason = `The target record could not be looked up: ${cleanErrorText(why)}`;
  return { ok: false, code: 'target-unknown', reason };
}
