import type { ResponseCase } from '../case.js';
import { begunByAnalyst, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: begunByAnalyst('CollectInvestigationPackage'),
  lose: endAs('CollectInvestigationPackage', 'Failed'),
} satisfies ResponseCase;
