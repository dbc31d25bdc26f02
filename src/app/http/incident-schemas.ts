/** Response schemas of the incidents API. */
import { z } from 'zod';
import { caseFileSchema } from '../../domain/case-file.js';
import { caseAlarmSchema } from '../../domain/case-record.js';
import { instanceStatusSchema } from '../../domain/instance-status.js';

/** One list entry: the instance and its custom status. */
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

/** The case file, with alarms and the problem if it cannot be trusted. */
export const caseSchema = caseFileSchema.extend({
  alarms: z
    .array(caseAlarmSchema)
    .optional()
    .describe('Messages that the case file received and that do not belong to it.'),
  problem: z
    .object({ code: z.string(), message: z.string(), next: z.string() })
    .optional()
    .describe('Why no decision can be based on this case file.'),
});

export const acceptedSchema = z.object({
  status: z.enum(['accepted', 'updated', 'restarted', 'duplicate']),
  instanceId: z.string(),
  incidentKey: z.string(),
});
/** An alert that does not name its incident. `searching`: the incident is looked up, and handled once it is found. */
export const acceptedAlertSchema = z.object({
  status: z.enum(['searching', 'duplicate']),
  instanceId: z.string(),
  alertId: z.string(),
});
export const rejectedSchema = z.object({
  status: z.literal('rejected'),
  code: z.string(),
  reason: z.string(),
  next: z.string(),
  place: z.string().optional().describe('The faulty place in the body.'),
});
const resultsSchema = z.object({
  results: z
    .array(z.union([acceptedSchema, acceptedAlertSchema, rejectedSchema]))
    .describe('In the order of the body.'),
  kept: z.array(z.string()).optional().describe('Ids of what was stored of the rejected items.'),
});
const handshakeSchema = z.object({
  validationResponse: z.string().describe('The code of an Event Grid subscription that is being created.'),
});
/** The result of a body with one item, the results of a body with several, or the answer to a handshake. */
export const intakeResultSchema = z.union([
  acceptedSchema,
  acceptedAlertSchema,
  resultsSchema,
  handshakeSchema,
]);
export const allowedOriginSchema = z.object({ allowedOrigin: z.string() });

export const retryBodySchema = z.strictObject({
  steps: z
    .array(z.string().max(500))
    .max(500)
    .optional()
    .describe(
      'Ids of unfinished steps, as in the case file. Without them, everything unfinished is proposed again.',
    ),
});

/** `reading`: it is read again now. `updated`: the running instance proposes again what is unfinished. `restarted`: the next run begins. */
export const retryResultSchema = z.object({
  status: z.enum(['reading', 'updated', 'restarted']),
  instanceId: z.string(),
});
