/**
 * Marks a timer that the app has yielded in two compound tasks: the host creates a timer for each, but the library counts
 * one. In the JSON text that the host gets, it would look like two timers of the same time.
 */

interface Action {
  readonly actionType?: unknown;
  readonly compoundActions?: unknown;
  isRepeated?: true;
}

const CREATE_TIMER = 5;

/** @param state what the library returns after a turn */
export function markRepeatedTimers(state: unknown): void {
  const seen = new Set<Action>();
  const visit = (actions: unknown): void => {
    if (!Array.isArray(actions)) return;
    for (const action of actions as (Action | null | undefined)[]) {
      visit(action?.compoundActions);
      if (action?.actionType !== CREATE_TIMER) continue;
      if (seen.has(action)) action.isRepeated = true;
      seen.add(action);
    }
  };
  const lists = (state as { actions?: unknown } | null | undefined)?.actions;
  if (Array.isArray(lists)) lists.forEach(visit);
}
