import type { ResponseCase } from '../case.js';
import { blockedByAnalyst } from '../tenant-changes.js';

const indicator = { type: 'Url', value: 'https://evil.fabrikam.com/a?b=c' };

export default {
  kind: 'response',
  doneBySomebodyElse: blockedByAnalyst(indicator),
  lose: (state) => {
    state.indicators = [];
  },
} satisfies ResponseCase;
