import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical.ts';
import type { Entity } from '../../src/domain/entities.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { found as foundAs } from '../../src/domain/found-by.ts';
import { decisionRecordSchema, planBodySchema } from '../../src/domain/plan.ts';
import { catalogueOf, choosePlaybook, compileEnrichments } from '../../src/playbook/index.ts';
import {
  account,
  analystsTier,
  catalogue,
  decideOn,
  deviceOf,
  failed,
  found,
  host,
  incident,
  load,
  playbookOf,
  playbookText,
} from './contoso.ts';

const ws = host('ws-1');
const known = (entity: Entity, changes = {}) => found('device', 'defender.device', entity, deviceOf(changes));

describe('the enrichment plan', () => {
  const playbook = playbookOf(playbookText('device.isolated'));

  it('runs every enrichment once on every entity of its kind', () => {
    const dana = account('dana');
    const { tasks, findings } = compileEnrichments(playbook, incident([dana, ws, ws]), catalogue);
    expect(findings).toEqual([]);
    expect(tasks).toEqual([
      {
        action: 'defender.device',
        as: 'device',
        entityKey: ws.key,
        target: ws.display,
        input: { name: 'ws-1.corp.contoso.com' },
        deadlineMs: 30_000,
      },
      {
        action: 'entra.risk',
        as: 'risk',
        entityKey: dana.key,
        target: dana.display,
        input: { id: 'oid-dana' },
        deadlineMs: 30_000,
      },
    ]);
  });

  it('has a failed finding at once for an entity without enough identifiers', () => {
    const bare = { ...ws, fqdn: undefined } as unknown as Entity;
    const { tasks, findings } = compileEnrichments(playbook, incident([bare]), catalogue);
    expect(tasks).toEqual([]);
    expect(findings).toMatchObject([
      { status: 'failed', as: 'device', entityKey: ws.key, error: { code: 'target-unknown' } },
    ]);
  });

  it('stops at the limit, prefers strong identities, and reports what it skips', () => {
    const limited = playbookOf(
      playbookText('true').replace('for: host, deadline', 'for: host, limit: 2, deadline'),
    );
    const entities = [host('a', 'weak'), host('b'), host('c')];
    const { tasks, findings } = compileEnrichments(limited, incident(entities), catalogue);
    expect(tasks.map((task) => task.entityKey)).toEqual(['host:mde:b', 'host:mde:c']);
    expect(findings).toMatchObject([{ entityKey: 'host:mde:a', error: { code: 'over-limit' } }]);
    const counting = playbookText('device.isolated').replace(
      'for: host, deadline',
      'for: host, limit: 2, deadline',
    );
    const { body } = decideOn(playbookOf(counting), incident(entities), findings, catalogue);
    expect(body.refused.map(({ target, code }) => [target, code])).toEqual([
      ['a.corp.contoso.com', 'weak-identity'],
      ['b.corp.contoso.com', 'condition-unknown'],
      ['c.corp.contoso.com', 'condition-unknown'],
    ]);
  });

  it('survives an action that throws', () => {
    const broken = catalogueOf(
      [...catalogue.enrichments.values()].map((action) => ({
        ...action,
        resolver: {
          identify: () => {
            throw new Error('a fault');
          },
        },
      })),
    );
    const { findings } = compileEnrichments(playbook, incident([ws]), broken);
    expect(findings).toMatchObject([{ error: { code: 'target-unknown', message: 'a fault' } }]);
  });
});

describe('a proposed response', () => {
  it('is a step with everything that an approver needs', () => {
    const { decision, body } = decideOn(
      playbookOf(playbookText('!device.isolated')),
      incident([ws]),
      [known(ws)],
      catalogue,
    );
    expect(body).toEqual({
      incidentKey: '/subscriptions/00000000-0000-4000-8000-0000000000aa/incidents/1',
      playbook: { id: 'test-playbook', title: 'Test', hash: expect.any(String) },
      steps: [
        {
          id: 'isolate-device:host:mde:ws-1',
          action: 'defender.isolate-device',
          title: 'Isolate device',
          entityKey: 'host:mde:ws-1',
          target: 'ws-1.corp.contoso.com (mde-ws-1)',
          record: {
            kind: 'defender.machine',
            id: 'mde-ws-1',
            name: 'ws-1.corp.contoso.com',
            foundBy: 'defender-id',
            certainty: 'certain',
            ids: {},
            agreed: [],
            unchecked: [],
          },
          input: { machine: 'mde-ws-1' },
          mode: 'approval',
          tier: 'analysts',
          risk: 'disruptive',
          takesUpToMs: 3 * 24 * 3_600_000,
          impact: 'Cuts the device off.',
          reversible: true,
          undo: 'Releases the device.',
          why: 'The device is at risk.',
        },
      ],
      refused: [],
      tiers: [analystsTier],
    });
    expect(decision.conditions.map(({ rule, result }) => [rule, result])).toEqual([
      ['when', 'true'],
      ['isolate-device', 'true'],
    ]);
    expect(decision.summary).toBe('Proposed: Isolate device (ws-1.corp.contoso.com (mde-ws-1)).');
  });

  it('is automatic in the plan if the playbook says auto', () => {
    const text = playbookText('true', { action: 'entra.revoke-sessions', for: 'account', tier: 'auto' });
    const { body } = decideOn(playbookOf(text), incident([account('dana')]), [], catalogue);
    expect(body.steps).toMatchObject([
      { mode: 'auto', reversible: false, undo: 'Sessions cannot be given back.' },
    ]);
  });

  it('is refused on a weak identity, whatever the action accepts', () => {
    const weak = host('ws-1', 'weak');
    const { body } = decideOn(playbookOf(playbookText('true')), incident([weak]), [known(weak)], catalogue);
    expect(body.steps).toEqual([]);
    expect(body.refused).toMatchObject([{ code: 'weak-identity', entityKey: weak.key }]);
    const unsure = decideOn(playbookOf(playbookText('device.isolated')), incident([weak]), [], catalogue);
    expect(unsure.body.refused).toMatchObject([{ code: 'weak-identity', entityKey: weak.key }]);
  });

  it('is refused with the reason of the action', () => {
    const twice = { ...ws, mdeId: undefined } as unknown as Entity;
    const { decision, body } = decideOn(playbookOf(playbookText('true')), incident([twice]), [], catalogue);
    expect(body.refused).toMatchObject([{ code: 'ambiguous-target', reason: 'two machines have this name' }]);
    expect(decision.summary).toBe(
      'Nothing is proposed. Manual action: Isolate device (ws-1.corp.contoso.com).',
    );
  });

  it('is proposed once if two rules, or two entities of one machine, match', () => {
    const rules = playbookText('true').replace(
      'approvals:',
      [
        '  - id: isolate-again',
        '    action: defender.isolate-device',
        '    for: host',
        '    when: device.isolated',
        '    tier: analysts',
        '    why: Again.',
        'approvals:',
      ].join('\n'),
    );
    const alias = { ...ws, key: 'host:aad:ws-1' };
    const { body } = decideOn(playbookOf(rules), incident([ws, alias]), [], catalogue);
    expect(body.steps.map(({ id, mode }) => [id, mode])).toEqual([
      ['isolate-device:host:aad:ws-1', 'approval'],
    ]);
  });

  it('is refused once, and not at all if another rule proposes it', () => {
    const rule = (when: string) => [
      '  - id: isolate-again',
      '    action: defender.isolate-device',
      '    for: host',
      `    when: ${when}`,
      '    tier: analysts',
      '    why: Again.',
      'approvals:',
    ];
    const asked = (when: string) => {
      const text = playbookText('device.isolated').replace('approvals:', rule(when).join('\n'));
      return decideOn(playbookOf(text), incident([ws]), [], catalogue).body;
    };
    expect(asked('device.critical > 0').refused).toHaveLength(1);
    expect(asked('"true"')).toMatchObject({ steps: [{ id: 'isolate-again:host:mde:ws-1' }], refused: [] });
  });

  it('is refused if the findings describe another record', () => {
    const about = known(ws);
    const record = { kind: 'defender.machine', id: 'mde-ws-2', name: 'ws-2', ...foundAs('defender-id') };
    const other = { ...about, record } as Finding;
    const { body } = decideOn(
      playbookOf(playbookText('!device.isolated')),
      incident([ws]),
      [other],
      catalogue,
    );
    expect(body.steps).toEqual([]);
    expect(body.refused).toMatchObject([
      { code: 'findings-disagree', reason: expect.stringMatching(/ws-2 \(mde-ws-2\).*\(mde-ws-1\)/) },
    ]);
  });

  it('is refused with the reason why the record could not be determined', () => {
    const { error: _error, ...finding } = failed('device', 'defender.device', ws) as Extract<
      Finding,
      { status: 'failed' }
    >;
    const message = 'two machines of one name';
    const error = { code: 'ambiguous-target', message, fault: 'caller', retry: 'no' } as const;
    const findings = [{ ...finding, error }];
    const { body } = decideOn(
      playbookOf(playbookText('device.isolated')),
      incident([ws]),
      findings,
      catalogue,
    );
    expect(body.refused).toMatchObject([{ code: 'ambiguous-target', reason: message }]);
  });

  it('names the other playbooks that apply', () => {
    const text = playbookText('true');
    const files = [
      { path: 'b.yaml', text: text.replace('test-playbook', 'second') },
      { path: 'a.yaml', text: text.replace('test-playbook', 'first') },
      { path: 'c.yaml', text: text.replace('test-playbook', 'third').replace('"high"', '"low"') },
    ];
    const { playbooks } = load(files);
    const choice = choosePlaybook(playbooks, incident([ws]));
    expect([choice.playbook?.id, choice.alsoApplied]).toEqual(['first', ['second']]);
    expect(choice.conditions.map(({ rule, result }) => [rule, result])).toEqual([
      ['when of first', 'true'],
      ['when of second', 'true'],
      ['when of third', 'false'],
    ]);
    const { decision } = decideOn(
      choice.playbook ?? playbookOf(text),
      incident([ws]),
      [],
      catalogue,
      choice.alsoApplied,
    );
    expect(decision.summary).toContain('Other playbooks that also apply: second.');
  });

  it('does not apply if its condition is unknown', () => {
    const text = playbookText('true').replace('incident.severity == "high"', 'incident.number == 2001');
    const choice = choosePlaybook([playbookOf(text)], incident([ws]));
    expect(choice.playbook).toBeUndefined();
    expect(choice.conditions[0]).toMatchObject({
      result: 'unknown',
      because: ['incident.number has no value'],
    });
  });

  it.each([
    ['100', 'true'],
    ['99', 'false'],
    ['99a', 'unknown'],
    ['', 'unknown'],
    ['90071992547409930', 'unknown'],
  ])('compares the number %j as a number', (number, result) => {
    const text = playbookText('true').replace('incident.severity == "high"', 'incident.number > 99');
    const choice = choosePlaybook([playbookOf(text)], { ...incident([ws]), number });
    expect(choice.conditions[0]?.result).toBe(result);
  });
});

const CONDITIONS = [
  'device.isolated',
  '!device.isolated || risk.exists(r, r.level == "high")',
  'has(device.lastSeen) && device.critical > 1',
  'risk.all(r, r.level != "none") && device.exposure > 5.0',
  'entity.identity == "weak" || true',
];
const names = fc.constantFrom('a', 'b', 'c');
const identities = fc.constantFrom('strong' as const, 'weak' as const);
const hosts = fc.tuple(names, identities).map(([name, identity]) => host(name, identity));
const accounts = fc.tuple(names, identities).map(([name, identity]) => account(name, identity));
const entities = fc.uniqueArray(fc.oneof(hosts, accounts), { selector: ({ key }) => key, maxLength: 6 });
const scores = fc.record({
  isolated: fc.boolean(),
  critical: fc.nat(3),
  lastSeen: fc.option(fc.constant('x')),
});
const levels = fc.constantFrom('none', 'low', 'high');

/** Each entity's finding: present, failed or missing. */
const findingsOf = (all: readonly Entity[]): fc.Arbitrary<Finding[]> =>
  fc
    .tuple(
      ...all.map((entity) =>
        entity.kind === 'host'
          ? fc.oneof(
              scores.map((changes) => [known(entity, changes)]),
              fc.constant([failed('device', 'defender.device', entity)]),
              fc.constant([]),
            )
          : fc.oneof(
              levels.map((level) => [found('risk', 'entra.risk', entity, { level })]),
              fc.constant([failed('risk', 'entra.risk', entity)]),
              fc.constant([]),
            ),
      ),
    )
    .map((parts) => (parts as Finding[][]).flat());
const cases = entities.chain((all) =>
  fc.record({
    condition: fc.constantFrom(...CONDITIONS),
    all: fc.constant(all),
    shuffled: fc.shuffledSubarray(all, { minLength: all.length }),
    findings: findingsOf(all),
  }),
);

describe('for all findings', () => {
  it('the decision is the same to the byte, in any order of entities and findings', () => {
    fc.assert(
      fc.property(cases, ({ condition, all, shuffled, findings }) => {
        const text = playbookText(condition);
        const one = decideOn(playbookOf(text), incident(all), findings, catalogue);
        const other = decideOn(playbookOf(text), incident(shuffled), [...findings].reverse(), catalogue);
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
        expect(planBodySchema.parse(one.body)).toEqual(one.body);
        expect(decisionRecordSchema.parse(one.decision)).toEqual(one.decision);
        canonicalJson(one);
      }),
    );
  });

  it('nothing is proposed on a weak identity, on an unknown condition, or twice', () => {
    fc.assert(
      fc.property(cases, ({ condition, all, findings }) => {
        const { decision, body } = decideOn(
          playbookOf(playbookText(condition)),
          incident(all),
          findings,
          catalogue,
        );
        const strong = new Set(all.filter((entity) => entity.identity === 'strong').map(({ key }) => key));
        const decided = decision.conditions.filter(({ result }) => result === 'true');
        for (const step of body.steps) {
          expect(strong).toContain(step.entityKey);
          expect(decided.map(({ entityKey }) => entityKey)).toContain(step.entityKey);
        }
        const targets = body.steps.map((step) => canonicalJson([step.action, step.input]));
        expect(new Set(targets).size).toBe(targets.length);
        expect(new Set(body.steps.map(({ id }) => id)).size).toBe(body.steps.length);
        for (const { result, because } of decision.conditions)
          expect(because.length > 0).toBe(result === 'unknown');
      }),
    );
  });

  it('more findings never reverse a decided condition', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ condition, all, findings }, pick) => {
        if (findings.length === 0) return;
        const hidden = findings.filter((_finding, index) => index !== pick % findings.length);
        const playbook = playbookOf(playbookText(condition));
        const before = decideOn(playbook, incident(all), hidden, catalogue).decision.conditions;
        const after = decideOn(playbook, incident(all), findings, catalogue).decision.conditions;
        before.forEach(({ result }, index) => {
          if (result !== 'unknown') expect(after[index]?.result).toBe(result);
        });
      }),
    );
  });
});
