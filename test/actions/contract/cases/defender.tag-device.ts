import type { ResponseCase } from '../case.js';
import { changeMachine } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: changeMachine({ machineTags: ['finance', 'Under investigation'] }),
  lose: changeMachine({ machineTags: ['finance'] }),
} satisfies ResponseCase;
