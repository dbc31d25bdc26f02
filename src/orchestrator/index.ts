export {
  type ActivityInput,
  type ActivityName,
  type ActivityOutput,
  activityNames,
  type ConflictContext,
  type DecideInput,
  type EnrichmentResult,
  type EnrichmentTask,
  findingOf,
  type IncidentRead,
  type Result,
} from './activities.js';
export {
  ALIAS_ENTITY,
  ALIAS_OPERATION,
  CASE_ENTITY,
  CASE_OPERATION,
  NOTE_OPERATION,
  ORCHESTRATOR,
  RELIANCE_ENTITY,
  RELIANCE_OPERATION,
} from './durable.js';
export { FIND_INCIDENT, findIncident, NO_INCIDENT_YET } from './find-incident.js';
export {
  type HandleIncidentInput,
  type HandleIncidentOutput,
  handleIncident,
  START_NOT_SEALED,
} from './handle-incident.js';
export { KEEP_REJECTED_BODY, keepRejectedBody } from './keep-rejected-body.js';
export { PUBLISH_LATER, publishLater } from './publish-later.js';
export { describeEnd } from './timeline-messages.js';
