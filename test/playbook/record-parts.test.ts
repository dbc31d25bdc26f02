/** A response on a part of a record, e.g. a rule of a mailbox: findings about the whole are about it, too. */
import { expect, it } from 'vitest';
import type { TargetRecord } from '../../src/domain/target.ts';
import { decide, targetRequests } from '../../src/playbook/index.ts';
import { catalogue, deviceOf, found, host, incident, playbookOf, playbookText, recordOf } from './contoso.ts';

const ws = host('ws-1');
const part = (of: string, kind: TargetRecord['kind'] = 'defender.machine'): TargetRecord => ({
  ...recordOf(ws),
  kind: 'exchange.inbox-rule',
  id: `${of}/rule`,
  partOf: { kind, id: of },
});

function decideFor(record: TargetRecord) {
  const findings = [found('device', 'defender.device', ws, deviceOf())];
  const playbook = playbookOf(playbookText('!device.isolated'));
  const { wanted } = targetRequests(playbook, incident([ws]), findings, catalogue);
  const targets = new Map(wanted.map(({ key }) => [key, { ok: true as const, record, input: {} }]));
  return decide(playbook, incident([ws]), findings, catalogue, { targets, tenantId: undefined }).body;
}

it('proposes it if the findings are about the whole', () => {
  expect(decideFor(part('mde-ws-1')).steps).toMatchObject([{ record: { id: 'mde-ws-1/rule' } }]);
});

it.each([
  ['another whole', part('mde-ws-2')],
  ['a whole of another kind', part('mde-ws-1', 'entra.user')],
])('refuses a part of %s', (_what, record) => {
  expect(decideFor(record)).toMatchObject({ steps: [], refused: [{ code: 'findings-disagree' }] });
});
