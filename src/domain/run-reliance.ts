import type { CaseFile } from './case-file.js';
import type { Reliant } from './reliance.js';

/** What a run relies on, or did, by the name of each state of that: for when its case file is taken. */
export function reliancesOf(file: CaseFile): { readonly key: string; readonly who: Reliant }[] {
  const { instanceId, generation, effects, plan } = file;
  return (plan?.steps ?? []).flatMap(({ id, lasting }, step) => {
    const effect = effects.find(({ stepId }) => stepId === id);
    if (lasting === undefined || effect === undefined) return [];
    return [{ key: lasting.key, who: { instanceId, generation, step, since: effect.at } }];
  });
}
