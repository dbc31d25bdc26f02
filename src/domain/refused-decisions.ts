/**
 * Decisions that a channel rejected and no orchestration evaluated: the run had ended, or the decision was not genuine.
 * They are stored for the audit, separately from the orchestration's own updates, and change nothing else.
 */
import { z } from 'zod';
import { type Decider, deciderSchema, decisionKindSchema } from './approval.js';
import { clip } from './clip.js';
import { deciderKey } from './same-decision.js';

/** Limits for one case file and for one sender: a flood must not grow the case file or crowd out other senders. */
const MOST = 100;
const MOST_OF_ONE = 20;
const MOST_STEPS = 20;
const LONGEST = 200;
const LONGEST_TEXT = 500;

/** The code of a decision by someone of another tenant. */
export const FOREIGN_TENANT = 'foreign-tenant';

const short = z.string().max(LONGEST);

export const refusedDecisionSchema = z.object({
  /** Id of the decision. A repeated submission is stored once. */
  id: short.min(1),
  requestId: short.min(1),
  /** When the channel rejected it (ISO 8601, UTC). */
  at: short,
  /** Absent: the channel cannot identify the sender. */
  by: deciderSchema.optional(),
  code: short,
  message: z.string().max(LONGEST_TEXT),
  kind: decisionKindSchema,
  /** The revision in the decision. Absent: the decision had none. */
  revision: z.number().int().positive().optional(),
  steps: z.array(short).max(MOST_STEPS),
  reason: z.string().max(LONGEST_TEXT).optional(),
});
export type RefusedDecision = z.infer<typeof refusedDecisionSchema>;

export const refusedDecisionsSchema = z.object({
  /** In order of arrival; entries are never removed. */
  kept: z.array(refusedDecisionSchema),
  /** Number of submissions that arrived after the limit. */
  omitted: z.object({ count: z.number().int().positive(), lastAt: short }).optional(),
});
export type RefusedDecisions = z.infer<typeof refusedDecisionsSchema>;

/** The parts of a rejected decision that the channel knows. */
export interface SubmittedDecision extends Pick<RefusedDecision, 'id' | 'requestId' | 'kind'> {
  readonly by: Decider | undefined;
  readonly revision?: number | undefined;
  readonly steps: readonly string[];
  readonly reason?: string | undefined;
}

/** The stored form, with clipped texts. */
export function refusedDecisionOf(
  { id, requestId, kind, by, revision, steps, reason }: SubmittedDecision,
  { code, message }: { readonly code: string; readonly message: string },
  at: string,
): RefusedDecision {
  return {
    id,
    requestId,
    at,
    code,
    message: clip(message, LONGEST_TEXT),
    kind,
    steps: steps.slice(0, MOST_STEPS).map((step) => clip(step, LONGEST)),
    ...(by === undefined ? {} : { by: { ...by, name: clip(by.name, LONGEST) } }),
    ...(revision === undefined ? {} : { revision }),
    ...(reason === undefined ? {} : { reason: clip(reason, LONGEST_TEXT) }),
  };
}

export function withRefusedDecision(
  before: RefusedDecisions | undefined,
  refusal: RefusedDecision,
): RefusedDecisions {
  const { kept, omitted } = before ?? { kept: [] };
  if (kept.some(({ id }) => id === refusal.id)) return { kept, ...(omitted && { omitted }) };
  const ofOne = kept.filter((one) => senderOf(one) === senderOf(refusal)).length;
  if (kept.length < MOST && ofOne < MOST_OF_ONE) {
    return { kept: [...kept, refusal], ...(omitted && { omitted }) };
  }
  return { kept, omitted: { count: (omitted?.count ?? 0) + 1, lastAt: refusal.at } };
}

/** All senders from outside the incident's tenant share one limit. */
function senderOf({ by, code }: RefusedDecision): string {
  return by === undefined || code === FOREIGN_TENANT ? 'unknown' : deciderKey(by);
}
