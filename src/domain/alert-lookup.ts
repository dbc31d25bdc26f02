/**
 * The look-up of the incident that an alert belongs to, where the alert arrived alone and does not name it. The input and the
 * custom status of its instance.
 */
import { z } from 'zod';
import { packedContentSchema } from './rejected-body.js';
import { submissionSchema } from './submission.js';

/** An alert, by the id that its service gave it. What it says about workspace and tenant only chooses among the configured ones. */
export const alertRefSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sentinel'),
    /** `SystemAlertId`, in lower case. */
    id: z.string(),
    /** Log Analytics customer id, in lower case. */
    customerId: z.string().optional(),
    /** ARM id of the workspace, in lower case. */
    workspace: z.string().optional(),
  }),
  z.object({
    kind: z.literal('defender'),
    /** As Microsoft Graph has it in `alerts_v2`. */
    id: z.string(),
    tenantId: z.string().optional(),
  }),
]);
export type AlertRef = z.infer<typeof alertRefSchema>;

/** Names of the shapes of alerts. */
export const alertShapeSchema = z.enum([
  'graph-alert',
  'defender-alert',
  'streaming-record',
  'sentinel-alert',
  'kql-alert',
  'alert-trigger',
]);
export type AlertShape = z.infer<typeof alertShapeSchema>;

export const alertLookupSchema = submissionSchema.extend({
  /** With several tenants, that of an authenticated submitter. */
  submitterTenant: z.string().optional(),
  alert: alertRefSchema,
  shape: alertShapeSchema,
  messageId: z.string().optional(),
  /** The alert as it arrived: if it has no incident, it is stored as a rejected body. */
  content: packedContentSchema,
});
export type AlertLookup = z.infer<typeof alertLookupSchema>;

const foundIncidentSchema = z.object({ instanceId: z.string(), key: z.string() });
/** The incidents that contain the alert, as their instances received it. */
export const foundIncidentsSchema = z.array(foundIncidentSchema).min(1);

export const alertStatusSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('searching') }),
  z.object({ state: z.literal('found'), incidents: foundIncidentsSchema }),
  /** Id of the stored body. */
  z.object({ state: z.literal('rejected'), code: z.string(), body: z.string() }),
]);
export type AlertStatus = z.infer<typeof alertStatusSchema>;
