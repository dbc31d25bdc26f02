/**
 * The app as the Functions host loads it. Nothing here may throw while it is loaded, other than by a mistake of ours:
 * an entry file that throws leaves a running host without any function.
 */
import * as df from 'durable-functions';
import { cleanErrorText } from '../domain/error-text.js';
import {
  activityNames,
  CASE_ENTITY,
  handleIncident,
  ORCHESTRATOR,
  RELIANCE_ENTITY,
} from '../orchestrator/index.js';
import { activityHandlers } from './activities.js';
import { caseEntity } from './case-entity.js';
import { composition } from './composition.js';
import { registerApprovalRoutes } from './http/approvals.js';
import { admitAllHeaders } from './http/header-signs.js';
import { registerIncidentRoutes } from './http/incidents.js';
import { registerHealth } from './http/route.js';
import { registerPage } from './page/index.js';
import { relianceEntity } from './reliance-entity.js';
import { registerRetention } from './retention.js';
import { sealer } from './sealing.js';
import { registerDecisionTrigger } from './service-bus/decisions.js';
import { inOneLine, setupProblem } from './setup.js';
import { CONVERSATIONS_ENTITY, conversationsEntity } from './teams/conversations.js';
import { registerTeams } from './teams/messages.js';
import { registerEventGrid, registerEventGridRefusal, registerServiceBusTrigger } from './triggers.js';

const problem = setupProblem();
if (problem === undefined) {
  registerHandling();
  if (composition().config.serviceBus) registerServiceBus();
  registerEventGrid();
  registerRetention();
} else {
  // The host itself tells nobody: it would stay up, without a function and without a word.
  console.error(inOneLine(problem));
  registerEventGridRefusal(problem);
}
registerHealth();
registerIncidentRoutes();
registerApprovalRoutes();
registerPage();
registerTeams();
admitAllHeaders();

/** What takes part in durable instances. Without it they stay in storage as they are; with it they would fail. */
function registerHandling(): void {
  df.app.orchestration(ORCHESTRATOR, handleIncident(sealer.seal));
  df.app.entity(CASE_ENTITY, caseEntity(sealer.open));
  df.app.entity(RELIANCE_ENTITY, relianceEntity(sealer.open));
  df.app.entity(CONVERSATIONS_ENTITY, conversationsEntity(sealer.open));
  for (const name of activityNames) {
    // A call of an activity that nobody registered waits for ever.
    const handler: unknown = activityHandlers[name];
    if (typeof handler !== 'function') throw new Error(`activity ${name} has no handler`);
    df.app.activity(name, {
      extraInputs: [df.input.durableClient()],
      handler: (input, context) => handler(input, context),
    });
  }
}

function registerServiceBus(): void {
  registerServiceBusTrigger();
  registerDecisionTrigger();
}

// Without a listener, one forgotten promise ends the process with every call in it.
process.on('unhandledRejection', (reason) => {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  console.error(`unhandled rejection: ${cleanErrorText(text)}`);
});
