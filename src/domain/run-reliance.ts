import type { CaseFile } from './case-file.js';
import type { Reliant } from './reliance.js';
import { stepsOf } from './settled.js';

/** The reliances of a run, past ones included, with their keys. Used when its case file is purged. */
export function reliancesOf(file: CaseFile): { readonly key: string; readonly who: Reliant }[] {
  const { instanceId, generation, effects } = file;
  return stepsOf(file).flatMap(({ id, lasting }, step) => {
    const effect = effects.find(({ stepId }) => stepId === id);
    if (lasting === undefined || effect === undefined) return [];
    return [{ key: lasting.key, who: { instanceId, generation, step, since: effect.at } }];
  });
}
