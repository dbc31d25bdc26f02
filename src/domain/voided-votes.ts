/** Approvals that counted once and do not any more, in words. */
import type { Decider, Vote } from './approval.js';

export interface VoidedVote {
  /** ISO 8601, UTC: when it was found. */
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
            text: `The approval by ${by.name} does not count any more: ${voided.reason}.`,
          },
        ],
  );
}
