import type { ResponseCase } from '../case.js';
import { consented } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: consented(false),
  lose: consented(true),
} satisfies ResponseCase;
