import type { ResponseCase } from '../case.js';
import { atRisk } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: atRisk('high', 'confirmedCompromised'),
  lose: atRisk('none', 'dismissed'),
} satisfies ResponseCase;
