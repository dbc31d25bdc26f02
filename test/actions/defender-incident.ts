/** An incident of Defender in the tenant of contoso.ts. */
export const DEFENDER_INCIDENT = {
  id: '7405',
  displayName: 'Ransomware on one endpoint',
  severity: 'high',
  status: 'active',
  createdDateTime: '2026-03-10T08:10:00Z',
  lastUpdateDateTime: '2026-03-10T08:10:00Z',
  assignedTo: null,
  classification: 'unknown',
  determination: 'unknown',
  customTags: [],
};
