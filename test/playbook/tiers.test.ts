/** Tiers define who decides. A tier that cannot work is rejected when the playbook is loaded. */
import { describe, expect, it } from 'vitest';
import { catalogue, decideOn, host, incident, playbookOf, playbookText, problemsOf } from './contoso.ts';

const GROUP = '{ id: 00000000-0000-4000-8000-00000000b101, name: SOC Analysts }';
const PERSON = '{ id: 00000000-0000-4000-8000-00000000a102, name: Robin Keller }';
const OTHER = '{ id: 00000000-0000-4000-8000-00000000a103, name: Sam Okafor }';

/** The playbook with other tiers; the first line of them is line 16. */
function withTiers(...tiers: readonly (readonly string[])[]): string {
  const text = playbookText('true');
  const lines = tiers.flatMap(([first = '', ...rest]) => [
    `    - ${first}`,
    ...rest.map((line) => `      ${line}`),
  ]);
  return `${text.slice(0, text.indexOf('  tiers:'))}  tiers:\n${lines.join('\n')}\n`;
}
const tier = (name: string, ...more: readonly string[]) => [
  `name: ${name}`,
  `approvers: { groups: [${GROUP}] }`,
  'deadline: 4h',
  ...more,
];

describe('a tier', () => {
  it('accepts any or signed submissions, and no other value', () => {
    expect(problemsOf(withTiers(tier('analysts', 'submission: any')))).toEqual([]);
    expect(problemsOf(withTiers(tier('analysts', 'submission: sometimes'))).join()).toContain('submission');
  });

  it('stores the whole policy, in milliseconds and lower case', () => {
    const text = withTiers(
      [
        'name: analysts',
        `approvers: { groups: [${GROUP.replace('b101', 'B101')}], people: [${PERSON}], automation: [soar] }`,
        'channel: soc-incidents',
        'quorum: 2',
        'managers: may-not-decide',
        'submission: signed',
        'remind: [90m, 30m]',
        'escalate: { after: 2h, to: leads }',
        'deadline: 4h',
        'onDeadline: contain',
        'containFor: 8h',
        'moreTime: { by: 30m, times: 1 }',
        'undoFor: 1d',
      ],
      tier('leads', 'fourEyes: true'),
      tier('nobody-asks'),
    );
    const { tiers } = decideOn(playbookOf(text), incident([host('ws-1')]), [], catalogue).body;
    expect(tiers.map(({ name }) => name)).toEqual(['analysts', 'leads']);
    expect(tiers[0]).toEqual({
      name: 'analysts',
      approvers: {
        groups: [{ id: '00000000-0000-4000-8000-00000000b101', name: 'SOC Analysts' }],
        people: [{ id: '00000000-0000-4000-8000-00000000a102', name: 'Robin Keller' }],
        automation: ['soar'],
      },
      channel: 'soc-incidents',
      quorum: 2,
      fourEyes: false,
      remindAfterMs: [1_800_000, 5_400_000],
      escalation: { afterMs: 7_200_000, to: 'leads' },
      deadlineMs: 14_400_000,
      onDeadline: { do: 'contain', forMs: 28_800_000 },
      extension: { byMs: 1_800_000, times: 1 },
      undoForMs: 86_400_000,
      managersMayDecide: false,
      submission: 'signed',
    });
  });

  it('must have approvers', () => {
    expect(problemsOf(withTiers(['name: analysts', 'approvers: {}', 'deadline: 4h']))).toEqual([
      'test.yaml:17:18 no-approvers: tier "analysts" has no approvers (name a group or people)',
    ]);
  });

  it.each([
    ['quorum: 3', `people: [${PERSON}, ${OTHER}]`, 'needs 3 approvers and names 2'],
    ['fourEyes: true', `people: [${PERSON}]`, 'needs 2 approvers and names 1'],
    ['quorum: 2', `people: [${PERSON}, ${PERSON}]`, 'needs 2 approvers and names 1'],
    ['quorum: 2', 'automation: [soar]', 'needs 2 approvers and names 1'],
  ])('must name enough of them for %s', (rule, approvers, message) => {
    const text = withTiers(['name: analysts', `approvers: { ${approvers} }`, 'deadline: 4h', rule]);
    const column = rule.indexOf(':') + 9;
    expect(problemsOf(text)).toEqual([
      `test.yaml:19:${column} quorum-too-large: tier "analysts" ${message} (name more approvers, or require fewer)`,
    ]);
  });

  it('lets the directory say whether a group is big enough', () => {
    expect(problemsOf(withTiers(tier('analysts', 'quorum: 5')))).toEqual([]);
  });

  it('does not count automation with fourEyes', () => {
    const text = withTiers([
      'name: analysts',
      `approvers: { groups: [${GROUP}], automation: [soar] }`,
      'deadline: 4h',
      'fourEyes: true',
    ]);
    expect(problemsOf(text)).toEqual([
      `test.yaml:17:${(text.split('\n')[16]?.indexOf('[soar]') as number) + 1} automation-refused: automation never counts with fourEyes (leave it out, or drop fourEyes)`,
    ]);
  });

  it('takes object ids, not names', () => {
    const text = withTiers([
      'name: analysts',
      'approvers: { groups: [{ id: SOC, name: SOC }] }',
      'deadline: 4h',
    ]);
    expect(problemsOf(text).join()).toContain(
      'approvals.tiers.analysts.approvers.groups.SOC.id: expected an object id',
    );
  });

  it('has a unique name', () => {
    expect(problemsOf(withTiers(tier('analysts'), tier('analysts'))).join()).toContain(
      'test.yaml:19:13 repeated: duplicate name "analysts"',
    );
    expect(problemsOf(withTiers(tier('analysts'), tier('auto'))).join()).toContain('reserved-name');
  });
});

describe('an escalation chain', () => {
  it('must not be circular', () => {
    const text = withTiers(
      tier('analysts', 'escalate: { after: 1h, to: leads }'),
      tier('leads', 'escalate: { after: 1h, to: analysts }'),
    );
    expect(problemsOf(text)).toEqual([
      'test.yaml:19:34 circular-escalation: the escalation chain is circular: analysts -> leads -> analysts (remove escalate from the last tier)',
      'test.yaml:23:34 circular-escalation: the escalation chain is circular: leads -> analysts -> leads (remove escalate from the last tier)',
    ]);
  });

  it('must lead to a tier', () => {
    const text = withTiers(tier('analysts', 'escalate: { after: 1h, to: analyst }'));
    expect(problemsOf(text)).toEqual([
      'test.yaml:19:34 unknown-tier: there is no tier "analyst" (did you mean "analysts"?)',
    ]);
  });

  it('must escalate and remind before the deadline of the request', () => {
    const text = withTiers(
      tier('analysts', 'remind: [30m, 4h]', 'escalate: { after: 5h, to: leads }'),
      tier('leads'),
    );
    expect(problemsOf(text)).toEqual([
      'test.yaml:19:21 after-deadline: the request is over by then (choose less than 4h)',
      'test.yaml:20:26 after-deadline: the request is over by then (choose less than 4h)',
    ]);
  });
});

describe('what happens at the deadline', () => {
  it.each([
    ['escalate', [], 'no-tier-above'],
    ['contain', [], 'contain-for-missing'],
    ['do-nothing', ['containFor: 8h'], 'contain-for-unused'],
  ])('%s must be possible', (outcome, more, code) => {
    expect(problemsOf(withTiers(tier('analysts', `onDeadline: ${outcome}`, ...more))).join()).toContain(code);
  });

  it('contains with nothing irreversible or destructive', () => {
    const contain = withTiers(tier('analysts', 'onDeadline: contain', 'containFor: 8h'));
    const wipe = contain.replace('defender.isolate-device', 'intune.wipe');
    expect(problemsOf(wipe)).toEqual([
      'test.yaml:12:11 contain-refused: tier "analysts" contains if no one decides, and intune.wipe is destructive (use a tier that does nothing, or escalates)',
    ]);
    const revoke = contain
      .replace('defender.isolate-device', 'entra.revoke-sessions')
      .replace('for: host\n', 'for: account\n');
    expect(problemsOf(revoke).join()).toContain('entra.revoke-sessions cannot be undone');
    expect(problemsOf(contain)).toEqual([]);
  });

  it('contains with no such step by way of an escalation, either', () => {
    const ladder = withTiers(
      tier('analysts', 'onDeadline: escalate', 'escalate: { after: 1h, to: leads }'),
      tier('leads', 'onDeadline: contain', 'containFor: 8h'),
    );
    expect(problemsOf(ladder)).toEqual([]);
    const revoke = ladder
      .replace('defender.isolate-device', 'entra.revoke-sessions')
      .replace('for: host\n', 'for: account\n');
    expect(problemsOf(revoke).join()).toContain('contain-refused: tier "leads" contains if no one decides');
    expect(problemsOf(ladder.replace('defender.isolate-device', 'intune.wipe')).join()).toContain(
      'contain-refused',
    );
  });
});

describe('what happens at the deadline of a long escalation chain', () => {
  it.each(['do-nothing', 'escalate'])(
    'contains no such thing by way of a tier that a tier which would %s calls early',
    (second) => {
      const ladder = withTiers(
        tier('analysts', 'onDeadline: escalate', 'escalate: { after: 1h, to: leads }'),
        tier('leads', `onDeadline: ${second}`, 'escalate: { after: 1h, to: managers }'),
        tier('managers', 'onDeadline: contain', 'containFor: 8h'),
      );
      expect(problemsOf(ladder)).toEqual([]);
      expect(problemsOf(ladder.replace('defender.isolate-device', 'intune.wipe')).join()).toContain(
        'contain-refused: tier "managers" contains if no one decides',
      );
    },
  );

  it('ignores the containment of a tier that is only reached before the deadline', () => {
    const ladder = withTiers(
      tier('analysts', 'onDeadline: do-nothing', 'escalate: { after: 1h, to: leads }'),
      tier('leads', 'onDeadline: contain', 'containFor: 8h'),
    );
    expect(problemsOf(ladder.replace('defender.isolate-device', 'intune.wipe'))).toEqual([]);
  });
});

describe('a response', () => {
  it.each([
    [
      'defender.isolate-device',
      'is disruptive and no tier decides about it (name a tier; or, to run it without approval, add: unattended: true)',
    ],
    [
      'defender.tag-device',
      'is reversible and no tier decides about it (name a tier; or, to run it without approval, add: unattended: true)',
    ],
    ['intune.wipe', 'is destructive: it is never carried out without approval (name a tier)'],
  ])('that is not safe must have a tier: %s', (action, message) => {
    expect(problemsOf(playbookText('true', { action, tier: 'auto' }))).toEqual([
      `test.yaml:12:11 auto-refused: ${action} ${message}`,
    ]);
    expect(problemsOf(playbookText('true', { action }).replace('    tier: analysts\n', ''))).toEqual([
      'test.yaml:8:5 missing-key: the key "tier" is missing (name a tier of test.yaml: analysts, auto)',
    ]);
  });

  it('that is disruptive needs auto and unattended to run without approval; a destructive one never does', () => {
    const unattended = playbookText('true', { tier: 'auto\n    unattended: true' });
    expect(problemsOf(unattended)).toEqual([]);
    expect(problemsOf(unattended.replace('defender.isolate-device', 'intune.wipe')).join()).toContain(
      'auto-refused: intune.wipe is destructive',
    );
    expect(problemsOf(unattended.replace('tier: auto', 'tier: analysts'))).toEqual([
      'test.yaml:13:17 unattended-unused: tier "analysts" decides (leave it out)',
    ]);
  });

  it('must name an existing tier', () => {
    expect(problemsOf(playbookText('true', { tier: 'analyst' }))).toEqual([
      'test.yaml:12:11 unknown-tier: there is no tier "analyst" in test.yaml (did you mean "analysts"?)',
    ]);
  });

  it('that is safe may run without approval and tiers', () => {
    const text = playbookText('true', { action: 'entra.revoke-sessions', for: 'account', tier: 'auto' });
    expect(problemsOf(text.slice(0, text.indexOf('approvals:')))).toEqual([]);
  });
});
