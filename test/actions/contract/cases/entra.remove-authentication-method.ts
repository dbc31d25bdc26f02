import type { ResponseCase } from '../case.js';
import { newMethod } from '../tenant-changes.js';

export default {
  kind: 'response',
  doneBySomebodyElse: newMethod(false),
  lose: newMethod(true),
} satisfies ResponseCase;
