import { DANA } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { passwordChangeForced } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { objectId: DANA, upn: 'dana.ortiz@contoso.com' },
  prepare: passwordChangeForced(false),
  doneBySomebodyElse: passwordChangeForced(true),
  lose: passwordChangeForced(false),
} satisfies ResponseCase;
