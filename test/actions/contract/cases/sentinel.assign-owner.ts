import { DANA } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { changeIncident } from '../tenant-changes.js';

export default {
  kind: 'response',
  settings: { objectId: DANA, name: 'Dana Ortiz' },
  doneBySomebodyElse: changeIncident({ owner: { objectId: DANA } }),
  lose: changeIncident({ owner: { objectId: null } }),
} satisfies ResponseCase;
