/** Approvals that no longer count, as text. */
import type { Decider, Vote } from './approval.js';

export interface VoidedVote {
  /** When the vote was voided (ISO 8601, UTC). */
  readonly at: string;
  readonly by: Decider;
  /** One sentence. */
  readonly text: string;
}

export function voidedVotes({ votes }: { readonly votes: readonly Vote[] }): VoidedVote[] {
  return votes.flatMap(({ by, voided }) =>
    voided === undefined
      ? []
      : [
          {
            at: voided.at,
            by,
            text: `The approval by ${by.name} no longer counts: ${voided.reason}.`,
          },
        ],
  );
}
