import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  lose: (state) => {
    for (const investigation of state.investigations) investigation.state = 'TerminatedByUser';
  },
} satisfies ResponseCase;
