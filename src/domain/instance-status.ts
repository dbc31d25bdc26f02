/** What an instance shows in its custom status: enough for a queue of work, and below the host's limit. */
import { z } from 'zod';
import { outcomeSchema, stageSchema } from './case-file.js';
import { severitySchema } from './incident.js';

export const instanceStatusSchema = z.object({
  state: stageSchema,
  /** Which run it is: names the case file. */
  generation: z.number().int().positive(),
  /** Cut to 200 characters; the case file has all of it. */
  title: z.string(),
  number: z.string().optional(),
  severity: severitySchema,
  outcome: outcomeSchema.optional(),
  /** ISO 8601, UTC; only while it waits for an analyst: the first to expire. */
  expiresAt: z.string().optional(),
  /** The requests that wait, the one that expires first at the top; undo requests are not among them. */
  waiting: z
    .array(
      z.object({
        id: z.string(),
        tier: z.string(),
        revision: z.number().int(),
        expiresAt: z.string(),
        /** Its first response and how many more, cut. */
        asks: z.string().optional(),
      }),
    )
    .optional(),
  /** Number of the case file's update that this was true at. */
  revision: z.number().int().nonnegative(),
});
export type InstanceStatus = z.infer<typeof instanceStatusSchema>;
