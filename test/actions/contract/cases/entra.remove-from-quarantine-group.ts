import { DANA, QUARANTINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { quarantined } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { objectId: DANA, upn: 'dana.ortiz@contoso.com', groupId: QUARANTINE, group: 'Quarantine' },
  prepare: quarantined(true),
  doneBySomebodyElse: quarantined(false),
  lose: quarantined(true),
} satisfies ResponseCase;
