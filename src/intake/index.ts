/** Normalises incidents from all delivery shapes. Pure. */
export {
  type Delivery,
  type DeliveryShape,
  type IncidentDelivery,
  MAXIMUM_CHARACTERS,
  type RejectedDelivery,
  type RejectionCode,
  recogniseDelivery,
} from './delivery.js';
export { type IncidentParts, normaliseIncident } from './incident.js';
export { type IncidentId, instanceIdOf, parseIncidentId } from './incident-id.js';
export {
  alertListSchema,
  entityListSchema,
  type IncidentResource,
  incidentResourceSchema,
  resourceSchema,
} from './wire.js';
