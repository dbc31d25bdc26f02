import type { ResponseCase } from '../case.js';
import { begunByAnalyst, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: begunByAnalyst('RunAntiVirusScan'),
  lose: endAs('RunAntiVirusScan', 'Failed'),
} satisfies ResponseCase;
