import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { analystsAction, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  doneBySomebodyElse: analystsAction('RestrictCodeExecution', { restricted: true }),
  lose: endAs('RestrictCodeExecution', 'Failed'),
} satisfies ResponseCase;
