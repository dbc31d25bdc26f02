import type { ResponseCase } from '../case.js';
import { changeDefenderIncident } from '../tenant-changes.js';

export default {
  kind: 'response',
  settings: { classification: 'falsePositive', determination: 'notMalicious' },
  doneBySomebodyElse: changeDefenderIncident({
    status: 'resolved',
    classification: 'falsePositive',
    determination: 'notMalicious',
  }),
  lose: changeDefenderIncident({ status: 'active' }),
} satisfies ResponseCase;
