/** A candidate is a record that may be the right one: it is named, and neither conditions nor steps use it. */
import { describe, expect, it } from 'vitest';
import type { Entity } from '../../src/domain/entities.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { found as foundAs } from '../../src/domain/found-by.ts';
import { targetRecordSchema } from '../../src/domain/target.ts';
import { compileEnrichments, decide, targetKey } from '../../src/playbook/index.ts';
import {
  account,
  catalogue,
  decideOn,
  deviceOf,
  found,
  host,
  incident,
  playbookOf,
  playbookText,
  recordOf,
} from './contoso.ts';

const ws = host('ws-1');
const other = host('ws-2');
/** A finding about a machine that was found by the entity's short name only. */
function candidate(entity: Entity, output = deviceOf()): Finding {
  const finding = found('device', 'defender.device', entity, output);
  if (finding.status !== 'ok') throw new Error('it is');
  const facts = 'Windows11, risk High, last seen 2026-03-10T08:09:51Z';
  return { ...finding, record: { ...finding.record, ...foundAs('short-name'), facts } };
}
const ask = (when: string, entities: Entity[], findings: Finding[], more = {}) =>
  decideOn(playbookOf(playbookText(when, more)), incident(entities), findings, catalogue);
const manual = {
  code: 'weak-identity',
  reason:
    'It may be ws-1.corp.contoso.com (mde-ws-1), Windows11, risk High, last seen 2026-03-10T08:09:51Z. ' +
    'Found by its short name only. Confirm that it is the right one.',
  candidates: [{ id: 'mde-ws-1', foundBy: 'short-name', certainty: 'candidate' }],
};

describe('what a candidate says', () => {
  it.each(['device.isolated', '!device.isolated', 'device.riskScore == "high"', 'device.critical == 0'])(
    'is unknown to conditions, and the candidate is named: %s',
    (when) => {
      const { decision, body } = ask(when, [ws], [candidate(ws)]);
      expect(decision.conditions.at(-1)).toMatchObject({
        result: 'unknown',
        because: [expect.stringContaining('ws-1.corp.contoso.com (mde-ws-1), only a candidate')],
      });
      expect(body.steps).toEqual([]);
      expect(body.refused).toMatchObject([manual]);
    },
  );

  it('allows no response on another entity', () => {
    const dana = account('dana');
    const when = 'device.exists(d, d.riskScore == "high")';
    const about = { for: 'account', action: 'entra.revoke-sessions' };
    const { body } = ask(when, [dana, ws], [candidate(ws)], about);
    expect(body).toMatchObject({
      steps: [],
      refused: [{ target: 'dana@contoso.com', code: 'condition-unknown' }],
    });
    const sure = found('device', 'defender.device', other, deviceOf());
    expect(ask(when, [dana, ws, other], [candidate(ws), sure], about).body.steps).toHaveLength(1);
  });

  it('is named for a weak entity, too', () => {
    const weak = host('ws-1', 'weak');
    expect(ask('device.isolated', [weak], [candidate(weak)]).body).toMatchObject({
      steps: [],
      refused: [manual],
    });
  });
});

describe('a candidate as the record of a response', () => {
  const playbook = playbookOf(playbookText('incident.severity == "high"'));
  const key = targetKey('defender.isolate-device', ws.key);
  const record = { ...recordOf(ws), ...foundAs('short-name') };

  it('is no step, even if it was returned as a target', () => {
    const targets = new Map([[key, { ok: true, record, input: {} } as const]]);
    const { body } = decide(playbook, incident([ws]), [], catalogue, { targets, tenantId: undefined });
    expect(body.steps).toEqual([]);
    expect(body.refused).toMatchObject([{ code: 'weak-identity', candidates: [{ id: 'mde-ws-1' }] }]);
  });

  it('is what a record of an earlier version is read as, which did not say how it was found', () => {
    const { foundBy: _foundBy, certainty: _certainty, ...earlier } = record;
    expect(targetRecordSchema.parse(earlier)).toMatchObject({
      foundBy: 'unrecorded',
      certainty: 'candidate',
    });
  });

  it('is passed on from the refusal of the look-up', () => {
    const refusal = {
      ok: false,
      code: 'weak-identity',
      reason: 'It may be …',
      candidates: [record],
    } as const;
    const { body } = decide(playbook, incident([ws]), [], catalogue, {
      targets: new Map([[key, refusal]]),
      tenantId: undefined,
    });
    expect(body.refused).toMatchObject([{ reason: 'It may be …', candidates: [{ id: 'mde-ws-1' }] }]);
  });
});

describe('a limit', () => {
  const playbook = playbookOf(
    playbookText('true').replace('for: host, deadline', 'for: host, limit: 2, deadline'),
  );
  const named = (name: string, ids: object): Entity =>
    ({ kind: 'host', key: `host:${name}`, display: name, identity: 'strong', fqdn: name, ...ids }) as Entity;

  it('leaves out those known least well, whatever their names', () => {
    const entities = [
      named('a-by-name', {}),
      named('b-by-azure', { azureId: 'x' }),
      named('c-by-name', {}),
      { ...named('d-weak', { mdeId: '4' }), identity: 'weak' } as Entity,
      named('y-by-entra', { aadDeviceId: 'x' }),
      named('z-by-defender', { mdeId: '1' }),
    ];
    for (const order of [entities, [...entities].reverse()]) {
      const { tasks, findings } = compileEnrichments(playbook, incident(order), catalogue);
      expect(tasks.map(({ target }) => target)).toEqual(['z-by-defender', 'y-by-entra']);
      expect(findings.map(({ target }) => target)).toEqual([
        'b-by-azure',
        'a-by-name',
        'c-by-name',
        'd-weak',
      ]);
    }
  });

  it('leaves out the least suspicious of those known equally well', () => {
    const all = [
      named('a', { verdict: 'clean' }),
      named('b', {}),
      named('c', { verdict: 'suspicious' }),
      named('d', { verdict: 'malicious' }),
    ];
    const { tasks, findings } = compileEnrichments(playbook, incident(all), catalogue);
    expect(tasks.map(({ target }) => target)).toEqual(['d', 'c']);
    expect(findings.map(({ target }) => target)).toEqual(['b', 'a']);
  });

  it('is not used up by entities that cannot be queried for', () => {
    const bare = (name: string) => named(name, { fqdn: undefined, mdeId: 'x' });
    const { tasks, findings } = compileEnrichments(
      playbook,
      incident([bare('a'), bare('b'), named('c', {}), named('d', {})]),
      catalogue,
    );
    expect(tasks.map(({ target }) => target)).toEqual(['c', 'd']);
    expect(findings.map((finding) => finding.status === 'failed' && finding.error.code)).toEqual([
      'target-unknown',
      'target-unknown',
    ]);
  });
});

describe('built-in accounts', () => {
  const system = { ...account('system'), display: 'NT AUTHORITY\\SYSTEM', identity: 'built-in' } as Entity;

  it('have no enrichment and no response, make nothing unknown, and are named', () => {
    const playbook = playbookOf(playbookText('risk.all(r, r.level == "none")'));
    expect(compileEnrichments(playbook, incident([system]), catalogue)).toMatchObject({
      ...{ tasks: [], findings: [] },
    });
    const { decision, body } = decideOn(playbook, incident([system, ws]), [], catalogue);
    expect(body).toMatchObject({ steps: [{ entityKey: ws.key }], refused: [] });
    expect(decision.builtIn).toEqual(['NT AUTHORITY\\SYSTEM']);
    expect(ask('true', [system], [], { for: 'account', action: 'entra.revoke-sessions' }).body).toMatchObject(
      { steps: [], refused: [] },
    );
  });
});
