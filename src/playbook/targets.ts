import type { RefusedStep } from '../domain/plan.js';
import type { RecordRef, TargetRecord } from '../domain/target.js';

export interface FoundTarget {
  readonly record: TargetRecord;
  readonly input: unknown;
}
/** The one record of an entity with the input by which a response acts on it, or why there is none. */
export type ResolvedTarget =
  | (FoundTarget & {
      readonly ok: true;
      /** Further parts of the entity's record, each for a step of its own. */
      readonly others?: readonly FoundTarget[];
    })
  | {
      readonly ok: false;
      readonly code: RefusedStep['code'];
      readonly reason: string;
      readonly candidates?: readonly RecordRef[];
    };

/** By `targetKey`. */
export interface Targets {
  get(key: string): ResolvedTarget | undefined;
}
export const targetKey = (action: string, entityKey: string): string => `${action} ${entityKey}`;
