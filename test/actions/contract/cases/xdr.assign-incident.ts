import type { ResponseCase } from '../case.js';
import { changeDefenderIncident } from '../tenant-changes.js';

export default {
  kind: 'response',
  settings: { assignedTo: 'dana.ortiz@contoso.com' },
  doneBySomebodyElse: changeDefenderIncident({ assignedTo: 'dana.ortiz@contoso.com' }),
  lose: changeDefenderIncident({ assignedTo: null }),
} satisfies ResponseCase;
