/** One Contoso case in every card state. */

import type { AnalystDecision, ApprovalRequest, Decider, Vote } from '../../../src/domain/approval.js';
import type { CaseView, Effect } from '../../../src/domain/case-file.js';
import type { PlanStep } from '../../../src/domain/plan.js';

export const NOW = Date.parse('2026-03-10T08:14:00Z');
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

export const ALEX: Decider = {
  kind: 'person',
  objectId: '00000000-0000-4000-8000-00000000a101',
  name: 'Alex Kim',
  channel: 'teams',
};
export const MEGAN: Decider = {
  ...ALEX,
  objectId: '00000000-0000-4000-8000-00000000a102',
  name: 'Megan Ruiz',
};

const DEVICE = 'host:mde:0142fade0142fade0142fade0142fade0142fade';
const DANA = 'account:oid:00000000-0000-4000-8000-00000000a001';

const ISOLATE: PlanStep = {
  id: `isolate-workstation:${DEVICE}`,
  action: 'defender.isolate-device',
  title: 'Isolate the device from the network',
  entityKey: DEVICE,
  target: 'ws-fin-0142.corp.contoso.com',
  record: {
    kind: 'defender.machine',
    id: '0142fade'.repeat(5),
    name: 'ws-fin-0142.corp.contoso.com',
    foundBy: 'defender-id',
    certainty: 'certain',
    ids: {},
    agreed: [],
    unchecked: [],
  },
  input: {},
  mode: 'approval',
  tier: 'soc',
  risk: 'disruptive',
  impact: 'Its user is offline until it is released.',
  reversible: true,
  undo: 'Release the device.',
  why: 'The workstation shows ransomware activity.',
};
const REVOKE: PlanStep = {
  ...ISOLATE,
  id: `revoke-sessions:${DANA}`,
  action: 'entra.revoke-sessions',
  title: 'Revoke the sessions of the user',
  entityKey: DANA,
  target: 'dana.ortiz@contoso.com',
  impact: 'The user must sign in again everywhere.',
  reversible: false,
  undo: 'Cannot be undone: revoked sessions stay revoked.',
  why: 'Its sign-ins are at risk.',
};
const DISABLE: PlanStep = {
  ...REVOKE,
  id: `disable-user:${DANA}`,
  action: 'entra.disable-user',
  title: 'Disable the user',
  risk: 'destructive',
  impact: 'The user cannot sign in at all.',
  reversible: true,
  undo: 'Enable the user again.',
};

export const VIEW: CaseView = {
  schemaVersion: 1,
  generation: 1,
  revision: 9,
  incidentKey: '/subscriptions/00000000-0000-4000-8000-0000000000aa/incidents/2001',
  origin: { kind: 'sentinel', armId: '/subscriptions/00000000-0000-4000-8000-0000000000aa/incidents/2001' },
  instanceId: `incident-${'0'.repeat(40)}`,
  title: 'Ransomware activity on WS-FIN-0142',
  number: '2001',
  severity: 'high',
  url: 'https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident/2001',
  description: 'Shadow copies were deleted and 1,932 files renamed in 4 minutes; beacons to 198.51.100.77.',
  alerts: [
    { title: 'Ransomware behavior detected in the file system', severity: 'high', startedAt: at(-20) },
    { title: 'File backups were deleted', severity: 'medium', startedAt: at(-18) },
  ],
  stage: 'awaiting-approval',
  receivedAt: at(-2),
  findings: [
    {
      status: 'failed',
      action: 'entra.user',
      as: 'user',
      entityKey: 'account:name:svc-finsync',
      target: 'svc-finsync',
      durationMs: 0,
      error: {
        code: 'weak-identity',
        message: 'A bare account name may belong to anybody.',
        fault: 'caller',
        retry: 'no',
      },
    },
  ],
  decision: {
    playbook: { id: 'ransomware-on-device', title: 'Ransomware precursor on a device', hash: 'aa' },
    summary: '3 responses are proposed.',
    conditions: [
      {
        rule: 'isolate-workstation',
        expression: 'device.riskScore == "High"',
        entityKey: DEVICE,
        result: 'true',
        values: {
          'device.onboardingStatus': 'Onboarded',
          'device.isServer': false,
          'device.riskScore': 'High',
        },
        because: [],
      },
      {
        rule: 'revoke-sessions',
        expression: 'risk.riskLevel in ["medium", "high"]',
        entityKey: DANA,
        result: 'true',
        values: { 'entity.ntDomain': 'CORP', 'risk.riskLevel': 'medium', 'user.accountEnabled': true },
        because: [],
      },
    ],
  },
  plan: {
    incidentKey: 'x',
    playbook: { id: 'ransomware-on-device', title: 'Ransomware precursor on a device', hash: 'aa' },
    steps: [ISOLATE, REVOKE, DISABLE],
    refused: [
      {
        action: 'entra.revoke-sessions',
        title: 'Revoke the sessions of the user',
        entityKey: 'account:name:svc-finsync',
        target: 'svc-finsync',
        code: 'weak-identity',
        reason: 'A bare account name may belong to anybody.',
      },
    ],
    tiers: [],
    hash: 'b'.repeat(64),
  },
  approvals: [],
  decisions: [],
  effects: [],
};

export const REQUEST: ApprovalRequest = {
  id: `${VIEW.instanceId}.1.soc`,
  instanceId: VIEW.instanceId,
  tier: 'soc',
  purpose: 'respond',
  revision: 1,
  planHash: 'b'.repeat(64),
  stepIds: [ISOLATE.id, REVOKE.id, DISABLE.id],
  approvers: {
    groups: [{ id: '00000000-0000-4000-8000-00000000b001', name: 'SOC Tier 2' }],
    people: [],
    automation: [],
  },
  managersMayDecide: true,
  approvalsNeeded: 2,
  fourEyes: true,
  requestedAt: at(0),
  expiresAt: at(240),
  onDeadline: { do: 'nothing' },
  nextCheckAt: at(60),
  channels: ['soc'],
  reminders: [],
  escalations: [],
  extensions: [],
  extension: { byMs: 3_600_000, times: 1 },
  votes: [],
  state: 'waiting',
  selected: [],
  warnings: [],
  cards: [],
};

const vote = (by: Decider, steps: readonly string[]): Vote => ({
  decisionId: by.name,
  by,
  revision: 1,
  steps: [...steps],
  selectionHash: 'c'.repeat(64),
  at: at(3),
});
const SELECTED = [ISOLATE.id, REVOKE.id];
const VOTES = [vote(ALEX, SELECTED), vote(MEGAN, SELECTED)];
const APPROVED: ApprovalRequest = { ...REQUEST, state: 'approved', votes: VOTES, selected: SELECTED };

const effect = (step: PlanStep, state: Effect['state'], more: Partial<Effect> = {}): Effect => ({
  stepId: step.id,
  action: step.action,
  target: step.target,
  state,
  at: at(5),
  ...more,
});
const ISOLATED = effect(ISOLATE, 'confirmed', {
  proof: 'Machine action 0142 (full isolation) of ws-fin-0142.corp.contoso.com was read back as Succeeded.',
});
const REVOKED = effect(REVOKE, 'confirmed', {
  proof: 'Sessions of dana.ortiz@contoso.com are valid only from 08:19 on.',
});

const rejection: AnalystDecision = {
  id: 'r1',
  requestId: REQUEST.id,
  kind: 'reject',
  revision: 1,
  planHash: REQUEST.planHash,
  steps: [],
  reason: 'Planned test of the backup team; see CHG-0042.',
  by: MEGAN,
  at: at(4),
};
const UNDO: ApprovalRequest = {
  ...REQUEST,
  id: `${REQUEST.id}.undo`,
  purpose: 'undo',
  stepIds: [ISOLATE.id],
  approvalsNeeded: 1,
  fourEyes: false,
  expiresAt: at(1440),
};

export interface State {
  readonly view: CaseView;
  readonly request: ApprovalRequest;
  readonly undo?: ApprovalRequest;
  readonly notice?: string;
}
const shown = (request: ApprovalRequest, view: Partial<CaseView> = {}, undo?: ApprovalRequest): State => ({
  view: { ...VIEW, ...view },
  request,
  ...(undo === undefined ? {} : { undo }),
});

const HOSTILE =
  '[click](https://evil.contoso.com) <img src=x onerror=alert(1)> <at>SOC</at> **bold** `code` \u202Egnp.exe {{DATE(2026-01-01T00:00:00Z)}} www.fabrikam.com 203.0.113.9 # ~~gone~~ ![x](http://198.51.100.1/a.png)';

export const STATES: Readonly<Record<string, State>> = {
  pending: shown(REQUEST),
  'pending-with-warning': shown({
    ...REQUEST,
    warnings: ['The group SOC Tier 2 has only 1 member, and 2 different people must approve.'],
  }),
  'one-of-two': shown({ ...REQUEST, votes: [vote(ALEX, SELECTED)] }),
  reminded: shown({ ...REQUEST, reminders: [at(60)] }),
  escalated: shown({
    ...REQUEST,
    reminders: [at(60)],
    escalations: [{ to: 'duty-manager', at: at(120) }],
    channels: ['soc', 'duty'],
  }),
  extended: shown({
    ...REQUEST,
    expiresAt: at(300),
    extensions: [{ by: ALEX, at: at(200), expiresAt: at(300) }],
  }),
  executing: shown(APPROVED, { stage: 'remediating', effects: [effect(ISOLATE, 'requested'), REVOKED] }),
  done: shown(APPROVED, { stage: 'ended', effects: [ISOLATED, REVOKED] }, UNDO),
  failed: shown(APPROVED, {
    stage: 'ended',
    effects: [
      ISOLATED,
      effect(REVOKE, 'failed', {
        error: {
          code: 'forbidden',
          message: 'Microsoft Graph answered with 403.',
          fault: 'responder',
          retry: 'no',
        },
      }),
    ],
  }),
  undone: shown(
    APPROVED,
    {
      stage: 'ended',
      effects: [
        {
          ...ISOLATED,
          undo: {
            state: 'confirmed',
            because: 'decision',
            proof: 'The device was read back as released.',
            at: at(90),
          },
        },
        REVOKED,
      ],
    },
    { ...UNDO, state: 'approved', selected: [ISOLATE.id] },
  ),
  undoing: shown(
    APPROVED,
    {
      effects: [{ ...ISOLATED, undo: { state: 'requested', because: 'decision', at: at(80) } }, REVOKED],
    },
    { ...UNDO, state: 'approved', selected: [ISOLATE.id] },
  ),
  'undo-failed': shown(
    APPROVED,
    {
      effects: [
        {
          ...ISOLATED,
          undo: {
            state: 'failed',
            because: 'containment-over',
            error: {
              code: 'forbidden',
              message: 'Defender answered with 403.',
              fault: 'responder',
              retry: 'no',
            },
            at: at(80),
          },
        },
        REVOKED,
      ],
    },
    { ...UNDO, state: 'approved', selected: [ISOLATE.id] },
  ),
  'click-did-not-count': {
    ...shown(REQUEST),
    notice: 'Decision refused. You are not a member of the groups that may decide.',
  },
  rejected: shown(
    { ...REQUEST, state: 'rejected' },
    {
      stage: 'ended',
      decisions: [
        {
          decision: rejection,
          outcome: { accepted: true, code: 'rejected', message: 'Rejected.' },
          evaluatedAt: at(4),
        },
      ],
    },
  ),
  expired: shown({ ...REQUEST, state: 'expired' }, { stage: 'ended' }),
  contained: shown(
    {
      ...REQUEST,
      state: 'contained',
      selected: [ISOLATE.id],
      onDeadline: { do: 'contain', forMs: 14_400_000 },
    },
    { effects: [ISOLATED] },
    UNDO,
  ),
  superseded: shown({ ...REQUEST, state: 'superseded' }, { stage: 'ended' }),
  hostile: shown(
    {
      ...REQUEST,
      votes: [vote({ ...ALEX, name: HOSTILE }, SELECTED)],
      warnings: [HOSTILE],
      escalations: [{ to: HOSTILE, at: at(1) }],
    },
    {
      title: HOSTILE,
      description: HOSTILE.repeat(20),
      alerts: [{ title: HOSTILE, severity: 'high' }],
      url: 'https://portal.azure.com.evil.contoso.com/',
      plan: {
        ...(VIEW.plan as NonNullable<CaseView['plan']>),
        steps: [ISOLATE, REVOKE, DISABLE].map((step) => ({
          ...step,
          title: HOSTILE,
          target: HOSTILE,
          impact: HOSTILE,
        })),
        refused: [
          {
            ...(VIEW.plan?.refused[0] as NonNullable<CaseView['plan']>['refused'][0]),
            title: HOSTILE,
            reason: HOSTILE,
          },
        ],
      },
    },
  ),
};
