import type { CaseFile } from './case-file.js';
import type { Reliant } from './reliance.js';

/** The reliances of a run, past ones included, with their keys. Used when its case file is purged. */
export function reliancesOf(file: CaseFile): { readonly key: string; readonly who: Reliant }[] {
  const { instanceId, generation, effects, plan } = file;
  return (plan?.steps ?? []).flatMap(({ id, lasting }, step) => {
    const effect = effects.find(({ stepId }) => stepId === id);
    if (lasting === undefined || effect === undefined) return [];
    return [{ key: lasting.key, who: { instanceId, generation, step, since: effect.at } }];
  });
}
