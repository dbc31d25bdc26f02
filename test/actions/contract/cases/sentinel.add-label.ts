import type { ResponseCase } from '../case.js';
import { changeIncident } from '../tenant-changes.js';

export default {
  kind: 'response',
  settings: { label: 'responder' },
  doneBySomebodyElse: changeIncident({ labels: [{ labelName: 'Responder', labelType: 'User' }] }),
  lose: changeIncident({ labels: [] }),
} satisfies ResponseCase;
