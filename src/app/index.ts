/**
 * The app as the Functions host loads it. Nothing here may throw while it is loaded, other than by a mistake of ours:
 * an entry file that throws leaves a running host without any function.
 */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { cleanErrorText } from '../domain/error-text.js';
import { toErrorInfo } from '../domain/errors.js';
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
import { registerIncidentRoutes } from './http/incidents.js';
import { registerPage } from './page/index.js';
import { relianceEntity } from './reliance-entity.js';
import { registerRetention } from './retention.js';
import { sealer } from './sealing.js';
import { registerDecisionTrigger } from './service-bus/decisions.js';
import { registerTeams } from './teams/messages.js';
import { teamsSetup } from './teams/setup.js';
import { registerTriggers } from './triggers.js';

df.app.orchestration(ORCHESTRATOR, handleIncident(sealer.seal));
df.app.entity(CASE_ENTITY, caseEntity(sealer.open));
df.app.entity(RELIANCE_ENTITY, relianceEntity(sealer.open));
for (const name of activityNames) {
  // A call of an activity that nobody registered waits for ever.
  const handler: unknown = activityHandlers[name];
  if (typeof handler !== 'function') throw new Error(`activity ${name} has no handler`);
  df.app.activity(name, {
    extraInputs: [df.input.durableClient()],
    handler: (input, context) => handler(input, context),
  });
}
registerTriggers();
registerDecisionTrigger();
registerIncidentRoutes();
registerApprovalRoutes();
registerPage();
registerTeams();
registerRetention();

// Wrong settings and wrong playbooks stop the start: handled without them, incidents would only fail one by one.
app.hook.appStart(() => {
  try {
    composition();
    teamsSetup();
  } catch (thrown) {
    const { code, message, next } = toErrorInfo(thrown);
    throw new Error(`${code}: ${message}${next === undefined ? '' : ` Next: ${next}`}`);
  }
});

// Without a listener, one forgotten promise ends the process with every call in it.
process.on('unhandledRejection', (reason) => {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  console.error(`unhandled rejection: ${cleanErrorText(text)}`);
});
