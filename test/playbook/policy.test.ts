/** The approval policy: tiers and groups by name. Ids come from the settings; without one, there are no tiers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPlaybooks, loadPolicy, policyTiers } from '../../src/playbook/index.ts';
import { context, playbookText } from './contoso.ts';

const sound = [
  'groups:',
  '  soc-analysts: SOC Analysts',
  '  soc-leads: SOC Leads',
  'tiers:',
  '  - name: analysts',
  '    approvers: { groups: [soc-analysts] }',
  '    escalate: { after: 1h, to: leads }',
  '    deadline: 4h',
  '  - name: leads',
  '    approvers: { groups: [soc-leads] }',
  '    deadline: 4h',
  '',
].join('\n');
const IDS = {
  'soc-analysts': '00000000-0000-4000-8000-00000000B101',
  'soc-leads': '00000000-0000-4000-8000-00000000b102',
};
const POLICY = 'policy/approvals.yaml';
const load = (text: string) => loadPolicy(POLICY, text);
const problemsOf = (text: string) => load(text).problems.map(({ place, code }) => `${place} ${code}`);
const changed = (from: string, to: string) => {
  expect(sound).toContain(from);
  return sound.replace(from, to);
};

describe('a policy', () => {
  it('gives its tiers the ids of the settings', () => {
    const { policy, problems } = load(sound);
    expect(problems).toEqual([]);
    const resolved = policyTiers(policy, IDS);
    expect('tiers' in resolved && resolved.tiers.map(({ name, approvers }) => [name, approvers])).toEqual([
      [
        'analysts',
        {
          groups: [{ id: '00000000-0000-4000-8000-00000000b101', name: 'SOC Analysts' }],
          people: [],
          automation: [],
        },
      ],
      ['leads', expect.objectContaining({ groups: [{ id: IDS['soc-leads'], name: 'SOC Leads' }] })],
    ]);
  });

  it('has no tiers at all if one of its groups has no id, and names the group with its place', () => {
    const { policy } = load(sound);
    expect(policyTiers(policy, { 'soc-analysts': IDS['soc-analysts'] })).toEqual({
      withoutId: [{ name: 'soc-leads', place: `${POLICY}:3:3` }],
    });
    expect(policyTiers(policy, {})).toEqual({ withoutId: [expect.anything(), expect.anything()] });
  });

  it('takes no id from what every object has', () => {
    const { policy, problems } = load(sound.replaceAll('soc-leads', 'constructor'));
    expect(problems).toEqual([]);
    expect(policyTiers(policy, IDS)).toHaveProperty('withoutId');
  });

  it('needs no id for a group that no tier names', () => {
    const { policy } = load(changed('  soc-leads: SOC Leads', '  soc-leads: SOC Leads\n  others: Others'));
    expect(policyTiers(policy, IDS)).toHaveProperty('tiers');
  });

  it('does not depend on the order of groups and tiers', () => {
    const [, analysts = '', leads = ''] = sound.split(/(?= {2}- name)/);
    const groups = ['  soc-analysts: SOC Analysts', '  soc-leads: SOC Leads'];
    const tiersOf = (text: string) => {
      const resolved = policyTiers(load(text).policy, IDS);
      return 'tiers' in resolved
        ? [...resolved.tiers].sort((a, b) => (a.name < b.name ? -1 : 1))
        : resolved.withoutId;
    };
    fc.assert(
      fc.property(
        fc.shuffledSubarray(groups, { minLength: 2 }),
        fc.shuffledSubarray([analysts, leads], { minLength: 2 }),
        (inGroups, inTiers) => {
          const text = `groups:\n${inGroups.join('\n')}\ntiers:\n${inTiers.join('')}`;
          expect(tiersOf(text)).toEqual(tiersOf(sound));
        },
      ),
    );
  });
});

describe('mistakes in a policy', () => {
  it.each([
    ['an unknown group', changed('[soc-leads]', '[soc-lead]'), '10:27 unknown-group'],
    ['a group by its id', changed('[soc-leads]', '[{ id: x, name: y }]'), '10:27 invalid-value'],
    ['an unknown tier', changed('to: leads', 'to: lead'), '7:32 unknown-tier'],
    ['two tiers of one name', changed('name: leads', 'name: analysts'), '9:11 repeated'],
    ['two groups of one name', changed('  soc-leads:', '  soc-analysts:'), '3:3 duplicate-key'],
    ['a name in capitals', changed('  soc-leads:', '  SOC:'), '3:3 invalid-value'],
    ['no groups', changed(sound.slice(0, sound.indexOf('tiers:')), ''), '1:1 missing-key'],
    ['a mistyped key', changed('deadline: 4h', 'dedline: 4h'), '8:5 unknown-key'],
    ['a tier without approvers', changed('{ groups: [soc-leads] }', '{}'), '10:16 no-approvers'],
    ['an empty file', '', '1:1 file-empty'],
  ])('%s: with file, line and column', (_what, text, expected) => {
    expect(problemsOf(text)).toContain(`${POLICY}:${expected}`);
  });

  it('are reported in one round, of form and of names', () => {
    const text = changed('[soc-leads]', '[soc-lead]')
      .replace('name: analysts', 'name: analysts\n    quorum: 0')
      .replace('  soc-analysts: SOC Analysts', '  soc-analysts: []');
    expect(problemsOf(text).map((one) => one.split(' ')[1])).toEqual([
      'invalid-value',
      'invalid-value',
      'unknown-group',
    ]);
  });

  it('have a next step', () => {
    for (const text of [changed('[soc-leads]', '[soc-lead]'), changed('to: leads', 'to: lead')]) {
      expect(load(text).problems[0]?.next).toContain('did you mean');
    }
  });
});

describe('a playbook', () => {
  const playbook = (tier: string) => {
    const text = playbookText('true', { tier });
    return text.slice(0, text.indexOf('approvals:'));
  };
  const checked = (text: string, ownTiers: 'accepted' | 'refused' = 'refused') =>
    loadPlaybooks([{ path: 'test.yaml', text }], { ...context, policy: load(sound).policy, ownTiers });

  it('names a tier of the policy', () => {
    expect(checked(playbook('leads')).problems).toEqual([]);
    expect(checked(playbook('leeds')).problems).toEqual([
      expect.objectContaining({
        code: 'unknown-tier',
        place: 'test.yaml:12:11',
        message: expect.stringContaining(POLICY),
        next: 'did you mean "leads"?',
      }),
    ]);
  });

  it('has no tiers of its own, unless it is tried out, and the problem says how to move them', () => {
    const own = playbookText('true');
    expect(checked(own, 'accepted').problems).toEqual([]);
    const [problem, ...others] = checked(own).problems;
    expect(problem).toMatchObject({ code: 'own-tiers', place: 'test.yaml:14:1' });
    expect(problem?.next).toContain(POLICY);
    expect(problem?.next).toContain('APPROVER_GROUPS');
    expect(others).toEqual([]);
  });

  it('with its own tiers cannot name those of the policy: its rules have one source', () => {
    const own = playbookText('true', { tier: 'leads' });
    expect(checked(own, 'accepted').problems.map(({ code }) => code)).toEqual(['unknown-tier']);
  });
});
