/** Unknown is not zero: the result of a failed enrichment never counts as false, zero or empty. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/domain/finding.ts';
import {
  account,
  catalogue,
  decideOn,
  deviceOf,
  failed,
  found,
  host,
  incident,
  playbookOf,
  playbookText,
} from './contoso.ts';

const ws = host('ws-1');
const dana = account('dana');
const eli = account('eli');
const deviceKnown = found('device', 'defender.device', ws, deviceOf());
const deviceFailed = failed('device', 'defender.device', ws);
const riskHigh = found('risk', 'entra.risk', dana, { level: 'high' });
const riskNone = found('risk', 'entra.risk', dana, { level: 'none' });
const eliFailed = failed('risk', 'entra.risk', eli);
const eliNone = found('risk', 'entra.risk', eli, { level: 'none' });
const eliHigh = found('risk', 'entra.risk', eli, { level: 'high' });

function ask(condition: string, findings: Finding[], entities = [ws, dana, eli]) {
  const { decision, body } = decideOn(
    playbookOf(playbookText(condition)),
    incident(entities),
    findings,
    catalogue,
  );
  const record = decision.conditions.find(({ rule }) => rule === 'isolate-device');
  return { record, result: record?.result, because: record?.because ?? [], body };
}

describe('a failed finding about the same entity', () => {
  it.each([
    ['device.isolated', 'unknown'],
    ['!device.isolated', 'unknown'],
    ['device.critical == 0', 'unknown'],
    ['device.critical > 0', 'unknown'],
    ['has(device.lastSeen)', 'unknown'],
    ['!has(device.lastSeen)', 'unknown'],
    ['"vip" in device.tags', 'unknown'],
    ['!("vip" in device.tags)', 'unknown'],
    ['size(device.users) == 0', 'unknown'],
    ['device.users.all(u, u.admin)', 'unknown'],
    ['device.isolated ? false : true', 'unknown'],
    ['device.isolated == device.isolated', 'unknown'],
    ['false && device.isolated', 'false'],
    ['device.isolated && false', 'false'],
    ['true && device.isolated', 'unknown'],
    ['device.isolated && true', 'unknown'],
    ['true || device.isolated', 'true'],
    ['device.isolated || true', 'true'],
    ['false || device.isolated', 'unknown'],
    ['device.isolated || false', 'unknown'],
    ['device.isolated || !device.isolated', 'unknown'],
    ['(device.isolated && false) || true', 'true'],
    ['!(device.isolated || true)', 'false'],
  ])('%s is %s', (condition, result) => {
    const findings = [deviceFailed, riskNone, eliNone];
    expect(ask(condition, findings).result).toBe(result);
  });

  it('names the finding, and proposes nothing', () => {
    const { because, body } = ask('device.isolated', [deviceFailed]);
    const reason = 'device (defender.device): the app may not read it [forbidden]';
    expect(because).toEqual([reason]);
    expect(body.steps).toEqual([]);
    expect(body.refused).toEqual([
      {
        action: 'defender.isolate-device',
        title: 'Isolate device',
        entityKey: 'host:mde:ws-1',
        target: 'ws-1.corp.contoso.com',
        code: 'condition-unknown',
        reason: `unknown: ${reason}`,
      },
    ]);
  });

  it('is the same when the enrichment never ran', () => {
    expect(ask('device.isolated', []).because).toEqual(['device (defender.device): it was not run']);
  });

  it('is no reason if the rule is decided without it', () => {
    expect(ask('device.isolated || true', [deviceFailed]).because).toEqual([]);
  });
});

describe('a field without a value', () => {
  it.each([
    ['device.lastSeen == "x"', 'unknown'],
    ['has(device.lastSeen)', 'false'],
    ['has(device.lastSeen) && device.lastSeen == "x"', 'false'],
    ['device.group == "x"', 'unknown'],
    ['has(device.group)', 'false'],
    ['device.labels.site == "north"', 'true'],
    ['device.labels.other == "north"', 'unknown'],
    ['device.users[0].name == "dana"', 'true'],
    ['device.users[1].name == "dana"', 'unknown'],
    ['device.critical / 0 > 1', 'unknown'],
  ])('%s is %s', (condition, result) => {
    expect(ask(condition, [deviceKnown]).result).toBe(result);
  });

  it('is named', () => {
    expect(ask('device.lastSeen == "x"', [deviceKnown]).because).toEqual(['device.lastSeen has no value']);
  });

  it('is also unknown if the service returned another type', () => {
    const odd = found('device', 'defender.device', ws, deviceOf({ critical: 'many', isolated: 'no' }));
    expect(ask('device.critical > 1', [odd]).result).toBe('unknown');
    expect(ask('!device.isolated', [odd]).result).toBe('unknown');
  });
});

describe('findings about entities of another kind', () => {
  const some = 'risk.exists(r, r.level == "high")';
  const every = 'risk.all(r, r.level == "none")';
  it.each([
    [some, [riskHigh, eliFailed], 'true'],
    [some, [riskNone, eliFailed], 'unknown'],
    [some, [riskNone, eliNone], 'false'],
    [some, [riskNone], 'unknown'],
    [every, [riskHigh, eliFailed], 'false'],
    [every, [riskNone, eliFailed], 'unknown'],
    [every, [riskNone, eliNone], 'true'],
    ['risk.exists_one(r, r.level == "high")', [riskHigh, eliFailed], 'unknown'],
    ['risk.filter(r, r.level == "high").size() > 0', [riskHigh, eliFailed], 'unknown'],
    ['risk.map(r, r.level) == ["high", "none"]', [riskHigh, eliNone], 'true'],
    ['risk.exists(r, has(r.updated))', [riskNone, eliFailed], 'unknown'],
  ] as const)('%s', (condition, findings, result) => {
    expect(ask(condition, [...findings]).result).toBe(result);
  });

  it('are named with their entity if they are missing', () => {
    expect(ask(some, [riskNone, eliFailed]).because).toEqual([
      'risk (entra.risk) of eli@contoso.com: the app may not read it [forbidden]',
    ]);
  });

  it('are an empty list, not unknown, if the incident has no such entity', () => {
    expect(ask(some, [], [ws]).result).toBe('false');
  });
});

describe('the record of a condition', () => {
  it('has exactly the values that were read', () => {
    const condition = 'device.critical > 1 && risk.exists(r, r.level == "high") && incident.alertCount == 0';
    expect(ask(condition, [deviceKnown, riskNone, eliHigh]).record).toEqual({
      rule: 'isolate-device',
      expression: condition,
      entityKey: 'host:mde:ws-1',
      result: 'true',
      values: {
        'device.critical': 2,
        'risk[account:oid:dana].level': 'none',
        'risk[account:oid:eli].level': 'high',
        'incident.alertCount': 0,
      },
      because: [],
    });
  });

  it('stays short if a condition compares all alerts with all others', () => {
    const alert = { severity: 'high' as const, tactics: [], techniques: [] };
    const alerts = Array.from({ length: 150 }, (_, i) => ({ ...alert, key: `${i}`, title: `alert ${i}` }));
    const condition = 'incident.alerts.all(a, incident.alerts.exists(b, a.title == b.title))';
    const playbook = playbookOf(playbookText(condition));
    const { decision } = decideOn(playbook, incident([ws], { alerts }), [], catalogue);
    const record = decision.conditions.find(({ rule }) => rule === 'isolate-device');
    expect(record?.result).toBe('true');
    expect(Object.entries(record?.values ?? {}).slice(99)).toEqual([
      ['incident.alerts[99].title', 'alert 99'],
      ['…', '50 more values'],
    ]);
  });

  it('stays short when the values are long', () => {
    const long = found(
      'device',
      'defender.device',
      ws,
      deviceOf({ tags: Array(500).fill('t'.repeat(5_000)) }),
    );
    const { record } = ask('"x" in device.tags', [long]);
    expect(JSON.stringify(record?.values).length).toBeLessThan(8_000);
  });
});
