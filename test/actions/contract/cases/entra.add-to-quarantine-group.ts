import { DANA, QUARANTINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { quarantined } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { objectId: DANA, upn: 'dana.ortiz@contoso.com', groupId: QUARANTINE, group: 'Quarantine' },
  doneBySomebodyElse: quarantined(true),
  lose: quarantined(false),
} satisfies ResponseCase;
