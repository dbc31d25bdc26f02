import type { ResponseCase } from '../case.js';
import { changeMachine } from '../tenant-changes.js';

export default {
  kind: 'response',
  prepare: changeMachine({ machineTags: ['finance', 'Under investigation'] }),
  doneBySomebodyElse: changeMachine({ machineTags: ['finance'] }),
  lose: changeMachine({ machineTags: ['finance', 'Under investigation'] }),
} satisfies ResponseCase;
