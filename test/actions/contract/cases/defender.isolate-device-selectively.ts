import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { analystsAction, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  doneBySomebodyElse: analystsAction('Isolate', { isolated: true }),
  lose: endAs('Isolate', 'Failed'),
} satisfies ResponseCase;
