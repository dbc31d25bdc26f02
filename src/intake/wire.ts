/**
 * Responses of Sentinel's REST API about an incident. The schemas are loose: they require only indispensable fields, and
 * `normaliseIncident` reads all others tolerantly.
 */
import { z } from 'zod';

const properties = z.record(z.string(), z.unknown());

/** GET …/incidents/{id}. https://learn.microsoft.com/rest/api/securityinsights/incidents/get */
export const incidentResourceSchema = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  etag: z.string().optional(),
  properties,
});
export type IncidentResource = z.infer<typeof incidentResourceSchema>;

/** POST …/incidents/{id}/alerts. https://learn.microsoft.com/rest/api/securityinsights/incidents/list-alerts */
export const alertListSchema = z.looseObject({ value: z.array(z.unknown()) });

/** POST …/incidents/{id}/entities. https://learn.microsoft.com/rest/api/securityinsights/incidents/list-entities */
export const entityListSchema = z.looseObject({ entities: z.array(z.unknown()) });

/**
 * GET /security/incidents/{id}?$expand=alerts. A long list of alerts is continued at the link.
 * https://learn.microsoft.com/graph/api/security-incident-get
 */
export const defenderIncidentSchema = z.looseObject({
  id: z.union([z.string(), z.number()]),
  tenantId: z.string().nullish(),
  status: z.string().nullish(),
  alerts: z.array(z.unknown()).nullish(),
  'alerts@odata.nextLink': z.string().nullish(),
});

/** A further page of these alerts. */
export const defenderAlertPageSchema = z.looseObject({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().nullish(),
});

/** GET /security/alerts_v2/{id}. https://learn.microsoft.com/graph/api/security-alert-get */
export const defenderAlertSchema = z.looseObject({
  id: z.union([z.string(), z.number()]),
  tenantId: z.string().nullish(),
  /** Absent until Defender has correlated the alert. */
  incidentId: z.union([z.string(), z.number()]).nullish(),
});

/** One alert or entity in these lists. */
export const resourceSchema = z.looseObject({
  id: z.string().nullish(),
  name: z.string().nullish(),
  kind: z.string(),
  properties: properties.nullish(),
});
export type Resource = z.infer<typeof resourceSchema>;
