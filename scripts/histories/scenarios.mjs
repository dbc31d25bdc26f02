// What is recorded into fixtures/histories: the fixture's incident, one thing different each time. `tenant` changes the
// simulated tenant before the start, `first` is delivered before the event, `event` changes the event, `playbook` the text of the
// shipped playbook and policy, `decisions` are made at their second after the start. An instance is recorded when it has completed,
// or at `stopAfterSeconds`; `of`: another one than the incident's.

const FIRST = 'Local analyst';
const SECOND = 'Robin Keller';
const LEAD = 'Kim Larsen';
const HOUR = 3600;
const ISOLATE = 'defender.isolate-device';

const SESSIONS_AT_ONCE = [
  '    tier: analysts\n    why: >-\n      The account was active',
  '    tier: auto\n    unattended: true\n    why: >-\n      The account was active',
];
/** Sessions cannot be given back, so a tier that contains must not revoke them. */
const SESSIONS_FOR_LEADS = [
  '    tier: analysts\n    why: >-\n      The account was active',
  '    tier: leads\n    why: >-\n      The account was active',
];
const CONTAIN = [
  'onDeadline: do-nothing\n    moreTime',
  'onDeadline: contain\n    containFor: 8h\n    moreTime',
];
const FOUR_EYES = ['deadline: 4h', 'deadline: 4h\n    fourEyes: true'];
/** The directory does not know it: people are told that a request may wait in vain. */
const GROUP_MISSING = [
  ['groups:\n', 'groups:\n  soc-nobody: SOC Nobody\n'],
  ['groups: [soc-analysts]', 'groups: [soc-analysts, soc-nobody]'],
];
/** The user at risk is to be disabled, and not only to sign in anew. */
const DISABLE_USER = ['risk.riskLevel == "high" ||', 'risk.riskLevel == "medium" ||'];
const DISABLE_USER_BY_ANALYSTS = [
  '    tier: leads\n    why: >-\n      The account is at high risk',
  '    tier: analysts\n    why: >-\n      The account is at high risk',
];
const approve = (more = {}) => ({ afterSeconds: 540, kind: 'approve', by: FIRST, ...more });

/** The account of which only a bare name is known; policy leaves it to people. */
const knownAccountsOnly = ({ incidents }) => {
  for (const incident of incidents) {
    incident.entities = incident.entities.filter(
      ({ properties }) => properties.friendlyName !== 'svc-finsync',
    );
  }
};
const TOPIC = 'sentinel-responder.westeurope-1.eventgrid.azure.net';
/** Service Unavailable, so many times. */
const topicAway = (times) => [{ host: TOPIC, path: /events$/, status: 503, times }];
const closeIncidents = ({ incidents }) => {
  for (const { properties } of incidents) properties.status = 'Closed';
};

/** The fixture's incident as Defender has it; no playbook applies to it. */
const SAME_IN_DEFENDER = {
  '@odata.type': '#microsoft.graph.security.incident',
  id: '2417',
  tenantId: '00000000-0000-4000-8000-0000000000ac',
  displayName: 'Multi-stage incident on one endpoint',
  severity: 'low',
  status: 'active',
  createdDateTime: '2026-03-10T08:10:00Z',
  lastUpdateDateTime: '2026-03-10T08:11:00Z',
  alerts: [{ id: 'da2417_1', severity: 'low', title: 'Suspicious service creation' }],
};

/** It names no incident. */
const LONE_ALERT = JSON.stringify({
  '@odata.type': '#microsoft.graph.security.alert',
  id: 'da2417_1',
  tenantId: SAME_IN_DEFENDER.tenantId,
  title: 'Suspicious service creation',
});

export const scenarios = [
  { name: 'remediated', tenant: knownAccountsOnly, decisions: [approve()], outcome: 'remediated' },
  { name: 'partly-remediated', decisions: [approve()], outcome: 'partly-remediated' },
  {
    name: 'partly-remediated-unconfirmed',
    tenant: ({ machines }) => {
      for (const machine of machines) machine.connected = false;
    },
    decisions: [approve()],
    outcome: 'partly-remediated',
  },
  {
    name: 'rejected',
    decisions: [{ afterSeconds: 300, kind: 'reject', by: SECOND, reason: 'A drill.' }],
    outcome: 'rejected',
  },
  { name: 'expired', decisions: [], outcome: 'expired' },
  {
    name: 'expired-after-more-time',
    decisions: [{ afterSeconds: HOUR, kind: 'extend', by: FIRST }],
    outcome: 'expired',
  },
  {
    name: 'contained',
    playbook: [CONTAIN, SESSIONS_FOR_LEADS],
    decisions: [],
    outcome: 'contained',
  },
  {
    name: 'undone',
    decisions: [approve({ actions: [ISOLATE] }), { afterSeconds: 2 * HOUR, kind: 'undo', by: SECOND }],
    outcome: 'undone',
  },
  {
    name: 'user-disabled',
    playbook: [DISABLE_USER, DISABLE_USER_BY_ANALYSTS],
    decisions: [approve({ actions: ['entra.disable-user'] })],
    outcome: 'partly-remediated',
  },
  {
    name: 'two-tiers-four-eyes',
    playbook: [FOUR_EYES, SESSIONS_FOR_LEADS],
    decisions: [
      approve(),
      approve({ afterSeconds: 600 }),
      approve({ afterSeconds: 700, by: SECOND }),
      approve({ afterSeconds: 800, by: LEAD }),
      { afterSeconds: 900, kind: 'reject', by: LEAD, reason: 'Too late for this.' },
    ],
    outcome: 'partly-remediated',
  },
  {
    name: 'at-once',
    playbook: [SESSIONS_AT_ONCE],
    decisions: [approve()],
    outcome: 'partly-remediated',
  },
  {
    name: 'group-missing',
    playbook: GROUP_MISSING,
    decisions: [approve()],
    outcome: 'partly-remediated',
  },
  {
    name: 'no-action',
    tenant: (tenant) => {
      knownAccountsOnly(tenant);
      for (const machine of tenant.machines) machine.onboardingStatus = 'InsufficientInfo';
      for (const user of tenant.users) user.accountEnabled = false;
    },
    decisions: [],
    outcome: 'no-action',
  },
  {
    name: 'no-playbook',
    tenant: ({ incidents }) => {
      for (const { properties } of incidents) properties.severity = 'Low';
    },
    decisions: [],
    outcome: 'no-playbook',
  },
  {
    name: 'needs-analyst',
    decisions: [approve()],
    faults: [
      { host: 'api.security.microsoft.com', method: 'POST', path: /isolate$/, status: 403, times: 9 },
      { host: 'graph.microsoft.com', method: 'POST', path: /revokeSignInSessions$/, status: 403, times: 9 },
    ],
    outcome: 'needs-analyst',
  },
  {
    name: 'needs-analyst-unreadable',
    faults: [{ host: 'management.azure.com', path: /./, status: 503, times: 1000 }],
    decisions: [],
    outcome: 'needs-analyst',
  },
  {
    name: 'services-away',
    faults: [
      { host: 'graph.microsoft.com', method: 'GET', path: /./, status: 503, times: 12 },
      { host: 'management.azure.com', method: 'PUT', path: /comments/, status: 503, times: 8 },
    ],
    decisions: [approve({ afterSeconds: 1200 })],
    outcome: 'partly-remediated',
  },
  { name: 'incident-closed', tenant: closeIncidents, decisions: [], outcome: 'incident-closed' },
  {
    name: 'incident-closed-meanwhile',
    later: { afterSeconds: 60, change: closeIncidents },
    decisions: [approve()],
    outcome: 'incident-closed',
  },
  {
    name: 'incident-gone',
    tenant: (tenant) => {
      tenant.incidents = [];
    },
    decisions: [],
    outcome: 'incident-gone',
  },
  {
    name: 'without-entities',
    tenant: ({ incidents }) => {
      for (const incident of incidents) incident.entities = [];
    },
    decisions: [],
    outcome: 'needs-analyst',
  },
  {
    name: 'handled-elsewhere',
    tenant: (tenant) => {
      tenant.app.permissions.graph.push('SecurityIncident.Read.All');
      tenant.securityIncidents = [SAME_IN_DEFENDER];
    },
    first: SAME_IN_DEFENDER,
    // Only what is read back says that it is the same incident.
    event: (event) => JSON.stringify({ ...JSON.parse(event), object: { id: JSON.parse(event).object.id } }),
    decisions: [],
    outcome: 'handled-elsewhere',
  },
  {
    name: 'gone-on-in-defender',
    tenant: (tenant) => {
      tenant.app.permissions.graph.push('SecurityIncident.Read.All');
      tenant.securityIncidents = [SAME_IN_DEFENDER];
    },
    later: {
      afterSeconds: 60,
      change: (tenant) => {
        tenant.incidents = [];
      },
    },
    decisions: [approve()],
    outcome: 'handled-elsewhere',
  },
  {
    name: 'merged',
    tenant: (tenant) => {
      tenant.app.permissions.graph.push('SecurityIncident.Read.All');
      const redirected = { status: 'redirected', redirectIncidentId: '2418', alerts: [] };
      tenant.securityIncidents = [
        { ...SAME_IN_DEFENDER, ...redirected },
        { ...SAME_IN_DEFENDER, id: '2418' },
      ];
      for (const incident of tenant.incidents) {
        const labels = [{ labelName: 'Redirected', labelType: 'AutoAssigned' }];
        Object.assign(incident.properties, { status: 'Closed', labels });
        Object.assign(incident.properties.additionalData, { alertsCount: 0 });
        incident.alerts = [];
      }
    },
    decisions: [],
    outcome: 'incident-merged',
  },
  { name: 'shown-in-teams', teams: true, decisions: [approve()], outcome: 'partly-remediated' },
  { name: 'published', topic: true, decisions: [approve()], outcome: 'partly-remediated' },
  {
    name: 'published-later',
    topic: true,
    faults: topicAway(40),
    decisions: [approve()],
    outcome: 'partly-remediated',
  },
  {
    name: 'events',
    orchestrator: 'publishLater',
    of: 'events-incident-61000bc48cb2ad6d1fa6ee1d08b8ce5586b27184.1.1',
    topic: true,
    faults: topicAway(10),
    decisions: [],
  },
  {
    name: 'alert-found',
    orchestrator: 'findIncident',
    of: 'alert-e3b0c44298fc-5c98a546138770b6678627bdc2233d649e8e5faa',
    tenant: (tenant) => {
      tenant.app.permissions.graph.push('SecurityIncident.Read.All', 'SecurityAlert.Read.All');
      const [alert] = SAME_IN_DEFENDER.alerts;
      tenant.securityIncidents = [{ ...SAME_IN_DEFENDER, alerts: [{ ...alert, incidentId: '2417' }] }];
    },
    event: () => LONE_ALERT,
    decisions: [],
  },
  {
    name: 'alert-without-incident',
    orchestrator: 'findIncident',
    of: 'alert-e3b0c44298fc-5c98a546138770b6678627bdc2233d649e8e5faa',
    tenant: (tenant) => {
      tenant.app.permissions.graph.push('SecurityAlert.Read.All');
    },
    event: () => LONE_ALERT,
    decisions: [],
  },
  { name: 'waiting', decisions: [], stopAfterSeconds: 3 * HOUR },
  { name: 'waiting-for-undo', decisions: [approve()], stopAfterSeconds: 5 * HOUR },
];
