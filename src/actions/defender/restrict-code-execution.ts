import { machineAction } from './machines/machine-action.js';
import { CODE_RESTRICTION_SYSTEMS } from './machines/system-support.js';
import { CODE_RESTRICTION } from './restraints/restraint.js';
import { imposing } from './restraints/restraint-effects.js';

/** Lets a device execute only files that are signed with a certificate of Microsoft. */
export default machineAction({
  name: 'defender.restrict-code-execution',
  title: 'Restrict what the device executes',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/restrict-code-execution',
  permission: 'Machine.RestrictExecution',
  why: 'restrict what a device executes, and end that',
  risk: 'disruptive',
  impact:
    'Only files that Microsoft signed run on the device, and its user is notified: other applications no longer start.',
  systems: CODE_RESTRICTION_SYSTEMS,
  effect: imposing(CODE_RESTRICTION, {
    effect: 'code-restriction',
    undo: 'Removes the restriction, if only the responder requested it and no other incident relies on it.',
  }),
});
