import { SHA256 } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { blockedByAnalyst } from '../tenant-changes.js';

const input = { type: 'FileSha256', value: SHA256 };

export default {
  kind: 'response',
  input,
  doneBySomebodyElse: blockedByAnalyst(input),
  lose: (state) => {
    state.indicators = [];
  },
} satisfies ResponseCase;
