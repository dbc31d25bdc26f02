import { z } from 'zod';
import { entitySchema } from './entities.js';
import { involvedSchema } from './involved.js';

export const severitySchema = z.enum(['high', 'medium', 'low', 'informational', 'unknown']);
export const incidentStatusSchema = z.enum(['new', 'active', 'closed', 'merged', 'unknown']);

export const alertSchema = z.object({
  key: z.string(),
  systemAlertId: z.string().optional(),
  title: z.string(),
  severity: severitySchema,
  product: z.string().optional(),
  ruleId: z.string().optional(),
  tactics: z.array(z.string()),
  techniques: z.array(z.string()),
  /** ISO 8601, UTC. */
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
});

/** One Sentinel incident in normalised form, independent of the delivery shape. All times ISO 8601 in UTC. */
export const incidentSchema = z.object({
  /** Lower-cased ARM id. */
  key: z.string(),
  /** ARM id as Sentinel spells it, for links and calls. */
  armId: z.string(),
  workspace: z.object({
    subscriptionId: z.string(),
    resourceGroup: z.string(),
    name: z.string(),
    /** Log Analytics customer id (a GUID), where known. */
    customerId: z.string().optional(),
  }),
  number: z.string().optional(),
  title: z.string(),
  description: z.string(),
  severity: severitySchema,
  status: incidentStatusSchema,
  provider: z.enum(['sentinel', 'xdr', 'other']),
  owner: z
    .object({ objectId: z.string().optional(), upn: z.string().optional(), name: z.string().optional() })
    .optional(),
  labels: z.array(z.object({ name: z.string(), auto: z.boolean() })),
  tactics: z.array(z.string()),
  techniques: z.array(z.string()),
  ruleIds: z.array(z.string()),
  products: z.array(z.string()),
  url: z.string().optional(),
  createdAt: z.string().optional(),
  modifiedAt: z.string().optional(),
  etag: z.string().optional(),
  alerts: z.array(alertSchema),
  entities: z.array(entitySchema),
  /** The people and devices that the incident names. Absent: none. */
  involved: involvedSchema.optional(),
  warnings: z.array(z.object({ path: z.string(), code: z.string() })),
});
export type Incident = z.infer<typeof incidentSchema>;
export type Alert = z.infer<typeof alertSchema>;
export type Severity = z.infer<typeof severitySchema>;
