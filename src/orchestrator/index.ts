export {
  type ActivityInput,
  type ActivityName,
  type ActivityOutput,
  type ApprovalSubject,
  activityNames,
  type DecideInput,
  type EnrichmentLeg,
  type EnrichmentResult,
  type Envelope,
  findingOf,
} from './activities.js';
export {
  CASE_ENTITY,
  CASE_OPERATION,
  NOTE_OPERATION,
  ORCHESTRATOR,
  RELIANCE_ENTITY,
  RELIANCE_OPERATION,
} from './durable.js';
export {
  type HandleIncidentInput,
  type HandleIncidentOutput,
  handleIncident,
  START_NOT_SEALED,
} from './handle-incident.js';
