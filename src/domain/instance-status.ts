/** The custom status of an instance: enough for a work queue, and below the host's size limit. */
import { z } from 'zod';
import { outcomeSchema, stageSchema } from './case-file.js';
import { incidentOriginSchema } from './incident-origin.js';
import { readingSchema } from './reading.js';
import { severitySchema } from './severity.js';
import { unfinishedSchema } from './unfinished.js';

export const instanceStatusSchema = z.object({
  state: stageSchema,
  /** Says whose incident it is. Absent: an older version wrote the status. */
  origin: incidentOriginSchema.optional(),
  /** The run; identifies the case file. */
  generation: z.number().int().positive(),
  /** Clipped to 200 characters; the case file has the full title. */
  title: z.string(),
  number: z.string().optional(),
  severity: severitySchema,
  /** Why reading takes long; present only in the state `reading`. */
  reading: readingSchema.optional(),
  outcome: outcomeSchema.optional(),
  /** Present if the outcome is not final for this version of the incident. */
  unfinished: unfinishedSchema.optional(),
  /** When the incident was handled (ISO 8601, UTC). */
  endedAt: z.string().optional(),
  /** The earliest deadline (ISO 8601, UTC); present only while a request waits for an approver. */
  expiresAt: z.string().optional(),
  /** The waiting requests, the earliest deadline first, without undo requests. */
  waiting: z
    .array(
      z.object({
        id: z.string(),
        tier: z.string(),
        revision: z.number().int(),
        expiresAt: z.string(),
        /** Its first response and the number of others, clipped. */
        asks: z.string().optional(),
      }),
    )
    .optional(),
  /** Number of the case-file update that this status belongs to. */
  revision: z.number().int().nonnegative(),
});
export type InstanceStatus = z.infer<typeof instanceStatusSchema>;
