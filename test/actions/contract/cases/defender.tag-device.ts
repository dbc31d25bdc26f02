import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { changeMachine } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  doneBySomebodyElse: changeMachine({ machineTags: ['finance', 'Under investigation'] }),
  lose: changeMachine({ machineTags: ['finance'] }),
} satisfies ResponseCase;
