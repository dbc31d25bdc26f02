/** What the routes for incidents give. */
import { z } from 'zod';
import { caseFileSchema } from '../../domain/case-file.js';
import { caseAlarmSchema } from '../../domain/case-record.js';
import { instanceStatusSchema } from '../../domain/instance-status.js';

/** One entry of the list: the instance and what its custom status says. */
export const incidentSummarySchema = instanceStatusSchema.partial().extend({
  instanceId: z.string(),
  runtimeStatus: z.string(),
  createdAt: z.iso.datetime(),
  lastUpdatedAt: z.iso.datetime(),
});
export const incidentListSchema = z.object({
  incidents: z.array(incidentSummarySchema),
  next: z.string().optional().describe('Path of the next page; absent on the last one.'),
});

/** The case file, and what speaks against relying on it. */
export const caseSchema = caseFileSchema.extend({
  alarms: z.array(caseAlarmSchema).optional().describe('What came that does not belong to the file.'),
  trouble: z
    .object({ code: z.string(), message: z.string(), next: z.string() })
    .optional()
    .describe('Why nothing can be decided by it.'),
});

export const intakeResultSchema = z.object({
  status: z.enum(['accepted', 'duplicate']),
  instanceId: z.string(),
  incidentKey: z.string(),
});
