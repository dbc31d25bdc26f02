import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { analystsAction, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  prepare: analystsAction('Isolate', { isolated: true }),
  doneBySomebodyElse: analystsAction('Unisolate', { isolated: false }),
  lose: endAs('Unisolate', 'Failed'),
} satisfies ResponseCase;
