/** A later delivery of an incident, or a retry by an analyst, as a message to its running instance. */
import { z } from 'zod';
import { handedOverSchema } from './handed-over.js';
import { sealedMessageSchema } from './sealed.js';
import { intakeTriggerSchema, submissionSchema } from './submission.js';

export const updateSchema = z.object({
  /** `update`: the incident may have changed. `again`: also what is unfinished is proposed again, without a change. */
  kind: z.enum(['update', 'again']),
  /** Hash of the id of the delivery or of the retry: each counts once. */
  id: z.string(),
  trigger: intakeTriggerSchema,
  by: submissionSchema.shape.by,
  /** Name of the analyst who requested a retry. Absent: a delivery. */
  retriedBy: z.string().optional(),
  /** The case of a merged incident hands this over. */
  handedOver: z.array(handedOverSchema).optional(),
});
export type Update = z.infer<typeof updateSchema>;

/** The payload of the event. Only an activity can verify the message. */
export const updateMessageSchema = z.object({ kind: z.literal('update'), message: sealedMessageSchema });
