import type { ResponseCase } from '../case.js';
import { blockedByAnalyst } from '../tenant-changes.js';

const indicator = { type: 'DomainName', value: 'evil.fabrikam.com' };

export default {
  kind: 'response',
  doneBySomebodyElse: blockedByAnalyst(indicator),
  lose: (state) => {
    state.indicators = [];
  },
} satisfies ResponseCase;
