import type { ResponseCase } from '../case.js';
import { changeDefenderIncident } from '../tenant-changes.js';

export default {
  kind: 'response',
  settings: { tag: 'contained' },
  doneBySomebodyElse: changeDefenderIncident({ customTags: ['Contained'] }),
  lose: changeDefenderIncident({ customTags: [] }),
} satisfies ResponseCase;
