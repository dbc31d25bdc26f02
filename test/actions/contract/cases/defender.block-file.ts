import { SHA256 } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { blockedByAnalyst } from '../tenant-changes.js';

const indicator = { type: 'FileSha256', value: SHA256 };

export default {
  kind: 'response',
  doneBySomebodyElse: blockedByAnalyst(indicator),
  lose: (state) => {
    state.indicators = [];
  },
} satisfies ResponseCase;
