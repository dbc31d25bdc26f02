import type { ResponseCase } from '../case.js';
import { analystsAction, changeMachine, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: changeMachine({ onboardingStatus: 'CanBeOnboarded' }),
  doneBySomebodyElse: analystsAction('Isolate', { isolated: true }, 'UnManagedDevice'),
  lose: endAs('Isolate', 'Failed'),
} satisfies ResponseCase;
