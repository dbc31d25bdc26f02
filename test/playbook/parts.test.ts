/** An entity's record may have several parts, and a response is a step of its own on each of them. */
import { describe, expect, it } from 'vitest';
import type { TargetRecord } from '../../src/domain/target.js';
import { decide } from '../../src/playbook/decide.js';
import { catalogue, deviceOf, found, host, incident, playbookOf, playbookText, recordOf } from './contoso.js';

const ws = host('ws-1');
const other = host('ws-2');
const finding = found('device', 'defender.device', ws, deviceOf({ isolated: true }));
const playbook = playbookOf(playbookText('device.isolated'));

const part = (id: string, owner = recordOf(ws)): { record: TargetRecord; input: unknown } => ({
  record: { ...owner, id, name: id, partOf: { kind: owner.kind, id: owner.id } },
  input: { id },
});
function stepsOn(first: ReturnType<typeof part>, ...others: ReturnType<typeof part>[]) {
  const targets = { get: () => ({ ok: true as const, ...first, others }) };
  const { body } = decide(playbook, incident([ws]), [finding], catalogue, { targets, tenantId: undefined });
  return body;
}

describe('the parts of a record', () => {
  it('are a step each, with an id that does not depend on the others', () => {
    const { steps, refused } = stepsOn(part('a'), part('b'));
    expect(refused).toEqual([]);
    expect(steps.map(({ id, input }) => [id.split(':').at(-1), input])).toEqual([
      ['a', { id: 'a' }],
      ['b', { id: 'b' }],
    ]);
    expect(stepsOn(part('b')).steps[0]?.id).toBe(steps[1]?.id);
  });

  it('are one step if the same part comes twice', () => {
    expect(stepsOn(part('a'), part('a')).steps).toHaveLength(1);
  });

  it('belong to the record that the findings are about, and to no other one', () => {
    const { steps, refused } = stepsOn(part('a', recordOf(other)));
    expect(steps).toEqual([]);
    expect(refused).toMatchObject([{ code: 'findings-disagree' }]);
  });
});
