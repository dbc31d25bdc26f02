import type { ResponseCase } from '../case.js';
import { blockedByAnalyst } from '../tenant-changes.js';

const input = { type: 'IpAddress', value: '203.0.113.77' };

export default {
  kind: 'response',
  input,
  doneBySomebodyElse: blockedByAnalyst(input),
  lose: (state) => {
    state.indicators = [];
  },
} satisfies ResponseCase;
