import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';

const AT = '2026-03-10T07:00:00Z';

export default {
  kind: 'response',
  doneBySomebodyElse: (state) => {
    const id = '63000';
    state.investigations.push({ id, machineId: MACHINE, state: 'Running', startTime: AT, endTime: null });
  },
  lose: (state) => {
    for (const investigation of state.investigations) investigation.state = 'TerminatedByUser';
  },
} satisfies ResponseCase;
