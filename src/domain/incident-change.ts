/** What a response changes about the incident itself. */
import { z } from 'zod';
import { severitySchema } from './severity.js';

/** Only what decides about an incident: owner, tasks and comments are no part of it. */
export const incidentChangeSchema = z.discriminatedUnion('field', [
  z.object({ field: z.literal('severity'), from: severitySchema, to: severitySchema }),
  /** With the classification that it is closed with. */
  z.object({
    field: z.literal('status'),
    to: z.literal('closed'),
    classification: z.string(),
    reason: z.string().optional(),
  }),
  z.object({ field: z.literal('label'), to: z.string() }),
]);
export type IncidentChange = z.infer<typeof incidentChangeSchema>;

/** What the responder has changed about the incident, the newest last. */
export const ownChangesSchema = z.array(
  z.object({
    id: z.string(),
    change: incidentChangeSchema,
    /** It was read back. If it is not there any more, somebody has changed it since. */
    isProved: z.boolean(),
  }),
);
export type OwnChanges = z.infer<typeof ownChangesSchema>;

/** Names the change that an effect has made: the same step may make it again later. */
export function ownChangeId(
  generation: number,
  effect: { readonly stepId: string; readonly at: string },
): string {
  return `${generation} ${effect.stepId} ${effect.at}`;
}
