import type { ResponseCase } from '../case.js';
import { changeIncident } from '../tenant-changes.js';

export default {
  kind: 'response',
  settings: { status: 'Active' },
  doneBySomebodyElse: changeIncident({ status: 'Active' }),
  lose: changeIncident({ status: 'New' }),
} satisfies ResponseCase;
