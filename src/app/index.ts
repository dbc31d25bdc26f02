/**
 * The entry file that the Functions host loads. It must not throw during load, except for programming errors: the host
 * would run without any function.
 */
import * as df from 'durable-functions';
import { cleanErrorText } from '../domain/error-text.js';
import {
  ALIAS_ENTITY,
  activityNames,
  CASE_ENTITY,
  FIND_INCIDENT,
  findIncident,
  handleIncident,
  KEEP_REJECTED_BODY,
  keepRejectedBody,
  ORCHESTRATOR,
  PUBLISH_LATER,
  publishLater,
  RELIANCE_ENTITY,
} from '../orchestrator/index.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { alertActivities } from './alerts/alert-activities.js';
import { registerFailedLookups } from './alerts/failed-lookups.js';
import { aliasEntity } from './alias-entity.js';
import { approvalActivities } from './approval-activities.js';
import { caseEntity } from './case-entity.js';
import { findCopyActivity } from './find-copy.js';
import { forwardSubmissionsActivity } from './forward-submissions.js';
import { handOverCaseActivity } from './hand-over-case.js';
import { registerApprovalRoutes } from './http/approvals.js';
import { admitAllHeaders } from './http/header-signs.js';
import { registerIncidentRoutes } from './http/incidents.js';
import { registerRejectedRoutes } from './http/rejected.js';
import { registerRetryRoute } from './http/retry.js';
import { registerHealth } from './http/route.js';
import { lifecycleActivities } from './lifecycle-events.js';
import { registerPage } from './page/index.js';
import { planningActivities } from './planning-activities.js';
import { lookupOutputs } from './rejected/report.js';
import { relianceEntity } from './reliance-entity.js';
import { responseActivities } from './response-activities.js';
import { registerRetention } from './retention.js';
import { sealer } from './sealing.js';
import { registerDecisionTrigger } from './service-bus/decisions.js';
import { services } from './services.js';
import { oneLine, setupProblem } from './setup.js';
import { registerSweep } from './sweep/sweep.js';
import { CONVERSATIONS_ENTITY, conversationsEntity } from './teams/conversations.js';
import { registerTeams } from './teams/messages.js';
import { registerEventGrid, registerEventGridRefusal, registerServiceBusTrigger } from './triggers.js';

const problem = setupProblem();
if (problem === undefined) {
  registerHandling();
  if (services().config.serviceBus) registerServiceBus();
  registerEventGrid();
  registerRetention();
  registerSweep();
  registerFailedLookups();
} else {
  // The host reports nothing by itself: it would run without functions, silently.
  console.error(oneLine(problem));
  registerEventGridRefusal(problem);
}
registerHealth();
registerIncidentRoutes();
registerApprovalRoutes();
registerRejectedRoutes();
registerRetryRoute();
registerPage();
registerTeams();
admitAllHeaders();

/** Registers orchestrators, entities and activities. Without them, instances wait in storage; with a wrong setup they would fail. */
function registerHandling(): void {
  df.app.orchestration(ORCHESTRATOR, handleIncident(sealer.seal));
  df.app.orchestration(KEEP_REJECTED_BODY, keepRejectedBody);
  df.app.entity(ALIAS_ENTITY, aliasEntity(sealer.open));
  df.app.orchestration(PUBLISH_LATER, publishLater);
  df.app.orchestration(FIND_INCIDENT, findIncident);
  df.app.entity(CASE_ENTITY, caseEntity(sealer.open));
  df.app.entity(RELIANCE_ENTITY, relianceEntity(sealer.open));
  df.app.entity(CONVERSATIONS_ENTITY, conversationsEntity(sealer.open));
  const handlers: ActivityHandlers = {
    ...planningActivities,
    ...approvalActivities,
    ...responseActivities,
    ...findCopyActivity,
    ...forwardSubmissionsActivity,
    ...lifecycleActivities,
    ...handOverCaseActivity,
    ...alertActivities,
  };
  for (const name of activityNames) {
    // A call of an unregistered activity never completes.
    const handler: unknown = handlers[name];
    if (typeof handler !== 'function') throw new Error(`activity ${name} has no handler`);
    df.app.activity(name, {
      extraInputs: [df.input.durableClient()],
      ...(name === 'rejectAlert' ? { extraOutputs: lookupOutputs() } : {}),
      handler: (input, context) => handler(input, context),
    });
  }
}

function registerServiceBus(): void {
  registerServiceBusTrigger();
  registerDecisionTrigger();
}

// Without a listener, one unhandled rejection ends the process with all its calls.
process.on('unhandledRejection', (reason) => {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  console.error(`unhandled rejection: ${cleanErrorText(text)}`);
});
