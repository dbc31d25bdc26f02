/** Normalises incidents from all delivery shapes. Pure. */

export { defenderAliasOf, defenderOrigin } from './aliases.js';
export type {
  Deliveries,
  Delivery,
  DeliveryShape,
  IncidentDelivery,
  RejectedDelivery,
  RejectionCode,
} from './delivery.js';
export { type IncidentParts, normaliseDefenderIncident, normaliseIncident } from './incident.js';
export { type IncidentId, instanceIdOf, parseIncidentId } from './incident-id.js';
export { type Normalised, normaliseBody } from './normalise-body.js';
export { MAXIMUM_CHARACTERS, recogniseDeliveries } from './recognise.js';
export {
  alertListSchema,
  defenderAlertPageSchema,
  defenderIncidentSchema,
  entityListSchema,
  type IncidentResource,
  incidentResourceSchema,
  resourceSchema,
} from './wire.js';
