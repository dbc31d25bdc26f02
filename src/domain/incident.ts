import { z } from 'zod';
import { entitySchema } from './entities.js';
import { incidentOriginSchema } from './incident-origin.js';
import { involvedSchema } from './involved.js';
import { severitySchema } from './severity.js';
import { suspicionsSchema } from './suspicion.js';

export const incidentStatusSchema = z.enum(['new', 'active', 'closed', 'merged', 'unknown']);

export const alertSchema = z.object({
  key: z.string(),
  systemAlertId: z.string().optional(),
  /** The product's own id of the alert. */
  providerAlertId: z.string().optional(),
  title: z.string(),
  severity: severitySchema,
  /** Absent: unknown. */
  status: z.enum(['new', 'inProgress', 'resolved']).optional(),
  product: z.string().optional(),
  ruleId: z.string().optional(),
  tactics: z.array(z.string()),
  techniques: z.array(z.string()),
  /** ISO 8601, UTC. */
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
});

/** How much of a list is known: `none` also where there may be nothing to know. */
export const completenessSchema = z.enum(['full', 'partial', 'none']);

/** `value`: the raw value that was not understood, clipped. */
/** The code of a warning: the incident names one of another tenant as the same, which is neither read nor claimed. */
export const OTHER_TENANT = 'other-tenant';
export const warningSchema = z.object({ path: z.string(), code: z.string(), value: z.string().optional() });

/** The API or export that an incident was read from. */
export const incidentSourceSchema = z.enum(['sentinel', 'graph', 'xdr', 'log', 'streaming']);

const common = z.object({
  /** Lower-cased ARM id; without a workspace, `xdr:{tenant}/{id}`, or the key of its only known alert. */
  key: z.string(),
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
  /** Sources leave a closing time on an incident that was opened again. */
  closedAt: z.string().optional(),
  firstActivityAt: z.string().optional(),
  lastActivityAt: z.string().optional(),
  etag: z.string().optional(),
  classification: z.string().optional(),
  classificationReason: z.string().optional(),
  /** Defender's id of the incident, if Defender is the provider. */
  providerIncidentId: z.string().optional(),
  /** The key of the incident that this one was merged into, where known. */
  mergedInto: z.string().optional(),
  alerts: z.array(alertSchema),
  entities: z.array(entitySchema),
  /** It orders entities. It is no part of what an incident is about, because responses change it, too. */
  suspicion: suspicionsSchema.optional(),
  /** The people and devices that the incident names. Absent: none. */
  involved: involvedSchema.optional(),
  warnings: z.array(warningSchema),
});

const reading = z.object({
  source: incidentSourceSchema,
  /** Other keys of the same incident, sorted. */
  aliases: z.array(z.string()),
  /** As the source counts them; it may know more than it delivers. */
  counts: z.object({ alerts: z.int().optional(), comments: z.int().optional() }),
  completeness: z.object({ alerts: completenessSchema, entities: completenessSchema }),
  version: z.object({
    /** Time of the last change in units of 100 ns since 1970, as decimal digits. */
    modifiedTicks: z.string().optional(),
    /** Without quotes. */
    etag: z.string().optional(),
    /** SHA-256 (hex) of the content without version and suspicion: equal content has equal hashes. */
    contentHash: z.string(),
  }),
});

const workspaceSchema = z.object({
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  name: z.string(),
  /** Log Analytics customer id (a GUID), where known. */
  customerId: z.string().optional(),
});

/** An incident in normalised form, independent of the delivery shape. All times ISO 8601 in UTC. */
export const normalisedIncidentSchema = common.extend(reading.shape).extend({
  /** ARM id as Sentinel spells it, and its workspace. Absent: no workspace is known. */
  armId: z.string().optional(),
  workspace: workspaceSchema.optional(),
});
export type NormalisedIncident = z.infer<typeof normalisedIncidentSchema>;

/** Where an incident was read. An incident of Sentinel has a workspace. */
const [sentinelOrigin, defenderOrigin] = incidentOriginSchema.options;
const readOriginSchema = z.discriminatedUnion('kind', [
  sentinelOrigin.extend({ workspace: workspaceSchema }),
  defenderOrigin,
]);
export type ReadOrigin = z.infer<typeof readOriginSchema>;

/** An incident that the app handles. Facts about the reading are absent if an older version wrote it. */
export const incidentSchema = common.extend(reading.partial().shape).extend({ origin: readOriginSchema });
export type Incident = z.infer<typeof incidentSchema>;
export type Alert = z.infer<typeof alertSchema>;
export type Completeness = z.infer<typeof completenessSchema>;
export type IncidentSource = z.infer<typeof incidentSourceSchema>;
