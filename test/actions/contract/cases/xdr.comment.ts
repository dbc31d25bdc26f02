import type { TenantState } from 'tenant-simulator';
import type { ResponseCase } from '../case.js';

const at = '2026-03-10T08:10:00Z';
export const INCIDENT = {
  id: '77',
  displayName: 'Ransomware on one endpoint',
  severity: 'high',
  status: 'active',
  redirectIncidentId: null,
  createdDateTime: at,
  lastUpdateDateTime: at,
  comments: [],
  alerts: [],
} satisfies TenantState['securityIncidents'][number];

export default {
  kind: 'response',
  input: { incidentId: '77', message: 'Waiting for approval.' },
  prepare: (state) => {
    state.securityIncidents = [INCIDENT];
  },
  doneBySomebodyElse: { doesNotCount: 'A comment of somebody else is another comment.' },
  lose: (state) => {
    for (const incident of state.securityIncidents) incident.comments = [];
  },
} satisfies ResponseCase;
