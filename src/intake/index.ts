/** Normalises incidents from all delivery shapes. Pure. */

export { defenderAliasOf, defenderOrigin } from './aliases.js';
export type {
  AlertDelivery,
  Deliveries,
  Delivery,
  DeliveryShape,
  IncidentDelivery,
  LogIncidentDelivery,
  RejectedDelivery,
  RejectionCode,
} from './delivery.js';
export { type IncidentParts, normaliseDefenderIncident, normaliseIncident } from './incident.js';
export { type IncidentId, instanceIdOf, parseIncidentId } from './incident-id.js';
export { incidentIn, incidentOfRow } from './log-incident.js';
export { suspicionInLog } from './log-relation.js';
export { instanceIdOfKey } from './named-incident.js';
export { type Normalised, normaliseBody } from './normalise-body.js';
export { MAXIMUM_CHARACTERS, recogniseDeliveries } from './recognise.js';
export {
  alertListSchema,
  defenderAlertPageSchema,
  defenderAlertSchema,
  defenderIncidentSchema,
  entityListSchema,
  type IncidentResource,
  incidentResourceSchema,
  resourceSchema,
} from './wire.js';
