import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { changeMachine } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  prepare: changeMachine({ machineTags: ['finance', 'Under investigation'] }),
  doneBySomebodyElse: changeMachine({ machineTags: ['finance'] }),
  lose: changeMachine({ machineTags: ['finance', 'Under investigation'] }),
} satisfies ResponseCase;
