import type { ResponseCase } from '../case.js';
import { changeIncident } from '../tenant-changes.js';

export default {
  kind: 'response',
  settings: { classification: 'FalsePositive', reason: 'InaccurateData', comment: 'A test of Contoso.' },
  doneBySomebodyElse: changeIncident({
    status: 'Closed',
    classification: 'FalsePositive',
    classificationReason: 'InaccurateData',
    classificationComment: 'A test of Contoso.',
  }),
  lose: changeIncident({ status: 'Active' }),
} satisfies ResponseCase;
