import type { ResponseCase } from '../case.js';
import { blockedByAnalyst } from '../tenant-changes.js';

const input = { type: 'Url', value: 'https://evil.fabrikam.com/a?b=c' };

export default {
  kind: 'response',
  input,
  doneBySomebodyElse: blockedByAnalyst(input),
  lose: (state) => {
    state.indicators = [];
  },
} satisfies ResponseCase;
