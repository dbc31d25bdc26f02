import { DANA } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { enabled } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { objectId: DANA, upn: 'dana.ortiz@contoso.com' },
  doneBySomebodyElse: enabled(false),
  lose: enabled(true),
} satisfies ResponseCase;
