import { DANA } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { atRisk } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { objectId: DANA, upn: 'dana.ortiz@contoso.com' },
  doneBySomebodyElse: atRisk('none', 'dismissed'),
  lose: atRisk('high', 'atRisk'),
} satisfies ResponseCase;
