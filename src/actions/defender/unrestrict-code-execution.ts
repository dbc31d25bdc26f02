import { machineAction } from './machines/machine-action.js';
import { CODE_RESTRICTION } from './restraints/restraint.js';
import { lifting } from './restraints/restraint-effects.js';

/** Lets a device execute all files again. */
export default machineAction({
  name: 'defender.unrestrict-code-execution',
  title: 'Remove the restriction of what the device executes',
  docs: 'https://learn.microsoft.com/defender-endpoint/api/unrestrict-code-execution',
  permission: 'Machine.RestrictExecution',
  why: 'remove the restriction of what a device executes',
  risk: 'disruptive',
  impact: 'The device executes all applications again, and so any malware that is still on it.',
  effect: lifting(CODE_RESTRICTION, {
    effect: 'code-restriction',
    noUndo: 'Malware may have run meanwhile; restricting the device again is a new decision.',
  }),
});
