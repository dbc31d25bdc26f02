import type { ResponseCase } from '../case.js';
import { atRisk } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: atRisk('none', 'dismissed'),
  lose: atRisk('high', 'atRisk'),
} satisfies ResponseCase;
