import type { ResponseCase } from '../case.js';
import { changeIncident } from '../tenant-changes.js';

export default {
  kind: 'response',
  settings: { severity: 'Low' },
  doneBySomebodyElse: changeIncident({ severity: 'Low' }),
  lose: changeIncident({ severity: 'High' }),
} satisfies ResponseCase;
