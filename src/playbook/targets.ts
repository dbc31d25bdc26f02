import type { RefusedStep } from '../domain/plan.js';
import type { RecordRef, TargetRecord } from '../domain/target.js';

/** The one record of an entity with the input by which a response acts on it, or why there is none. */
export type ResolvedTarget =
  | { readonly ok: true; readonly record: TargetRecord; readonly input: unknown }
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
