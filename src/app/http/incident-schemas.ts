/** What the routes for incidents give. */
import { z } from 'zod';
import { instanceStatusSchema } from '../../domain/instance-status.js';

/** One entry of the list: the instance and what its custom status says. */
export const incidentSummarySchema = instanceStatusSchema.partial().extend({
  instanceId: z.string(),
  runtimeStatus: z.string(),
  createdAt: z.iso.datetime(),
  lastUpdatedAt: z.iso.datetime(),
});
export const incidentListSchema = z.object({ incidents: z.array(incidentSummarySchema) });

export const intakeResultSchema = z.object({
  status: z.enum(['accepted', 'duplicate']),
  instanceId: z.string(),
  incidentKey: z.string(),
});
