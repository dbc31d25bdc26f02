import type { ResponseCase } from '../case.js';
import { blockedByAnalyst } from '../tenant-changes.js';

const input = { type: 'DomainName', value: 'evil.fabrikam.com' };

export default {
  kind: 'response',
  input,
  doneBySomebodyElse: blockedByAnalyst(input),
  lose: (state) => {
    state.indicators = [];
  },
} satisfies ResponseCase;
