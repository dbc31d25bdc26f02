/** A body, or one item of it, that no trigger could use. It is stored whole, so that it can be submitted again. */
import { z } from 'zod';
import { incidentOriginSchema } from './incident-origin.js';
import { intakeTriggerSchema, submissionSchema } from './submission.js';

const REJECTED_ID = /^rejected-[0-9a-f]{40}$/;
export function isRejectedId(text: string | undefined): text is string {
  return text !== undefined && REJECTED_ID.test(text);
}

/** `open`: nothing was done yet. `resubmitted`: all of it was accepted. `dropped`: the content was deleted. */
export const rejectedStateSchema = z.enum(['open', 'resubmitted', 'dropped']);

/**
 * Whose body it is, with several tenants: that of the tenant of its authenticated submitter, or of the tenant to which the
 * incident belongs that it is about. Absent: it belongs to no tenant, as far as is known.
 */
export const rejectedOwnerSchema = z.union([
  z.object({ tenantId: z.string() }),
  z.object({ origin: incidentOriginSchema }),
]);
export type RejectedOwner = z.infer<typeof rejectedOwnerSchema>;

/** What an analyst did with it. */
const rejectedActionSchema = z.object({
  kind: z.enum(['resubmit', 'drop']),
  /** ISO 8601, UTC. */
  at: z.string(),
  by: z.object({ id: z.string(), name: z.string() }),
  /** The results of a resubmission, e.g. `accepted` or the code of a rejection. */
  results: z.array(z.string()),
});
export type RejectedAction = z.infer<typeof rejectedActionSchema>;

/** The facts without content. Texts are the responder's own; only `messageId` comes from the sender. */
export const rejectedFactsSchema = z.object({
  state: rejectedStateSchema,
  /** The rejection: the latest, if the same content was rejected several times. */
  code: z.string(),
  reason: z.string(),
  next: z.string(),
  /** The faulty place in the body; empty for the whole body. */
  path: z.string(),
  /** The number of items of this body that were rejected, if it was stored whole because of several. */
  items: z.number().int().positive().optional(),
  trigger: intakeTriggerSchema,
  messageId: z.string().optional(),
  submittedBy: submissionSchema.shape.by,
  /** Others who submitted the same content later. */
  alsoSubmittedBy: z.array(submissionSchema.shape.by.unwrap()).optional(),
  owner: rejectedOwnerSchema.optional(),
  /** How often the same content arrived. */
  count: z.number().int().positive(),
  /** ISO 8601, UTC. */
  firstAt: z.string(),
  lastAt: z.string(),
  /** Size of the content in bytes. */
  bytes: z.number().int().nonnegative(),
  actions: z.array(rejectedActionSchema),
});
export type RejectedFacts = z.infer<typeof rejectedFactsSchema>;

/** How the content reached the app: as text, as bytes, or parsed by the host from JSON. */
export const contentFormSchema = z.enum(['text', 'bytes', 'json']);
export const packedContentSchema = z.object({
  form: contentFormSchema,
  /** The content, compressed with gzip, in base64. */
  data: z.string(),
});
export type PackedContent = z.infer<typeof packedContentSchema>;

/** The content is absent after a drop. */
export const rejectedBodySchema = rejectedFactsSchema.extend({ content: packedContentSchema.optional() });
export type RejectedBody = z.infer<typeof rejectedBodySchema>;

/** One entry of the list: the custom status of the instance that stores the body. */
export const rejectedSummarySchema = rejectedFactsSchema.pick({
  state: true,
  owner: true,
  code: true,
  reason: true,
  trigger: true,
  count: true,
  firstAt: true,
  lastAt: true,
  bytes: true,
});
export type RejectedSummary = z.infer<typeof rejectedSummarySchema>;
