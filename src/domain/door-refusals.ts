/**
 * Decisions that a door refused and that no orchestration judged: the incident's handling was over, or they were not
 * what they said. They are kept for the audit, beside what the orchestration writes, and change nothing else.
 */
import { z } from 'zod';
import { type Decider, deciderSchema, decisionKindSchema } from './approval.js';
import { clip } from './clip.js';

/** Whoever sends very many must not make the case file grow without end, nor take the room of everybody else. */
const MOST = 100;
const MOST_OF_ONE = 20;
const MOST_STEPS = 20;
const LONGEST = 200;
const LONGEST_TEXT = 500;

const short = z.string().max(LONGEST);

export const doorRefusalSchema = z.object({
  /** Of the decision: one that comes again is kept once. */
  id: short.min(1),
  requestId: short.min(1),
  /** ISO 8601, UTC: when the door refused it. */
  at: short,
  /** Absent: the door cannot tell. */
  by: deciderSchema.optional(),
  code: short,
  message: z.string().max(LONGEST_TEXT),
  kind: decisionKindSchema,
  /** As the decision named it; absent: it named none. */
  revision: z.number().int().positive().optional(),
  steps: z.array(short).max(MOST_STEPS),
  reason: z.string().max(LONGEST_TEXT).optional(),
});
export type DoorRefusal = z.infer<typeof doorRefusalSchema>;

export const refusedAtDoorsSchema = z.object({
  /** In the order in which they came; none is ever taken out. */
  kept: z.array(doorRefusalSchema),
  /** What came when there was no more room is counted. */
  omitted: z.object({ count: z.number().int().positive(), lastAt: short }).optional(),
});
export type RefusedAtDoors = z.infer<typeof refusedAtDoorsSchema>;

/** What a door knows of a decision that it refuses. */
export interface RefusedDecision extends Pick<DoorRefusal, 'id' | 'requestId' | 'kind'> {
  readonly by: Decider | undefined;
  readonly revision?: number | undefined;
  readonly steps: readonly string[];
  readonly reason?: string | undefined;
}

/** As it is kept: its texts are cut. */
export function doorRefusalOf(
  { id, requestId, kind, by, revision, steps, reason }: RefusedDecision,
  { code, message }: { readonly code: string; readonly message: string },
  at: string,
): DoorRefusal {
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

export function withDoorRefusal(before: RefusedAtDoors | undefined, refusal: DoorRefusal): RefusedAtDoors {
  const { kept, omitted } = before ?? { kept: [] };
  if (kept.some(({ id }) => id === refusal.id)) return { kept, ...(omitted && { omitted }) };
  const ofOne = kept.filter((one) => senderOf(one) === senderOf(refusal)).length;
  if (kept.length < MOST && ofOne < MOST_OF_ONE) {
    return { kept: [...kept, refusal], ...(omitted && { omitted }) };
  }
  return { kept, omitted: { count: (omitted?.count ?? 0) + 1, lastAt: refusal.at } };
}

/** All who are not known in the home tenant share their room. */
function senderOf({ by }: DoorRefusal): string {
  if (by === undefined) return 'unknown';
  if (by.kind === 'automation') return `automation:${by.id}`;
  return by.tenantId === undefined ? `person:${by.objectId.toLowerCase()}` : 'unknown';
}
