import type { ResponseCase } from '../case.js';
import { blockedByAnalyst } from '../tenant-changes.js';

const indicator = { type: 'IpAddress', value: '203.0.113.77' };

export default {
  kind: 'response',
  doneBySomebodyElse: blockedByAnalyst(indicator),
  lose: (state) => {
    state.indicators = [];
  },
} satisfies ResponseCase;
