/** Why an incident is not read yet, and until when the responder tries again. */
import { z } from 'zod';

export const incidentPartSchema = z.enum(['incident', 'alerts', 'entities']);
export type IncidentPart = z.infer<typeof incidentPartSchema>;

export const readingSchema = z.object({
  /** `not-found`: the service answers 404. `none`: the list is empty. `unavailable`: it cannot be read at all. */
  because: z.enum(['not-found', 'none', 'unavailable']),
  part: incidentPartSchema,
  /** ISO 8601, UTC. */
  since: z.string(),
  /** The last attempt is at about this time (ISO 8601, UTC). */
  until: z.string(),
});
export type Reading = z.infer<typeof readingSchema>;
