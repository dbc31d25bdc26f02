import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { begunByAnalyst, endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  doneBySomebodyElse: begunByAnalyst('CollectInvestigationPackage'),
  lose: endAs('CollectInvestigationPackage', 'Failed'),
} satisfies ResponseCase;
