import { MACHINE } from '../../contoso.js';
import type { ResponseCase } from '../case.js';
import { endAs } from '../tenant-changes.js';

export default {
  kind: 'response',
  input: { machineId: MACHINE, device: 'ws-fin-0142' },
  lose: endAs('CollectInvestigationPackage', 'Failed'),
} satisfies ResponseCase;
