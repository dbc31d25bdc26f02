/** What a response changes about the incident itself. */
import { z } from 'zod';
import { severitySchema } from './severity.js';

/** Only what decides about an incident: owner, tasks and comments are no part of it. */
export const incidentChangeSchema = z.discriminatedUnion('field', [
  z.object({ field: z.literal('severity'), to: severitySchema }),
  z.object({ field: z.literal('status'), to: z.literal('closed') }),
  z.object({ field: z.literal('label'), to: z.string() }),
]);
export type IncidentChange = z.infer<typeof incidentChangeSchema>;

/** What the responder has changed about the incident. */
export const ownChangesSchema = z.object({
  /** The severity before. */
  severity: severitySchema,
  changes: z.array(incidentChangeSchema),
});
export type OwnChanges = z.infer<typeof ownChangesSchema>;
