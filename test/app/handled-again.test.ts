/** An incident that is handled again after its history was purged: a new run with a new case file. */
import { expect, it, onTestFinished } from 'vitest';
import type { AuditEntry } from '../../src/app/http/approval-schemas.js';
import { EveryChannel } from './every-channel.js';
import { Responder, until } from './responder.js';

let responder: Responder;

/** Purges the history, as an operator or a scheduled clean-up does through the management API. */
async function purge(instanceId: string): Promise<void> {
  const { url, keys } = responder.host;
  const path = `/runtime/webhooks/durabletask/instances/${instanceId}?code=${keys.system}`;
  await until('the end of the instance', async () => {
    const { status } = await fetch(`${url}${path}`, { method: 'DELETE' });
    return status === 200 || undefined;
  });
}

it('has its own requests, decisions and views, and lists what was done before', async () => {
  responder = await Responder.start();
  onTestFinished(() => responder.stop());
  const first = await responder.asked(await responder.deliver());
  const { instanceId } = first;
  expect((await responder.decide(first, { kind: 'reject', reason: 'A test.' })).json.code).toBe('rejected');
  await responder.ended(instanceId);
  await purge(instanceId);

  // The case file of the first run can still be read.
  expect(await responder.caseFile(instanceId)).toMatchObject({ generation: 1, outcome: 'rejected' });

  responder.comeBack();
  expect(await responder.deliver()).toBe(instanceId);
  const second = await responder.asked(instanceId);
  expect(second.approval.id).not.toBe(first.approval.id);
  const file = await responder.caseFile(instanceId);
  expect(file).toMatchObject({ generation: 2, stage: 'awaiting-approval' });
  expect(file?.earlier).toMatchObject([{ generation: 1, outcome: 'rejected', effects: [] }]);
  expect(file?.outcome).toBeUndefined();

  // The request of the first run can no longer be decided.
  const old = await responder.decide(first);
  expect([old.status, old.json.code]).toEqual([410, 'ended']);
  expect(String(old.json.detail)).toContain('earlier run');
  await until('the refusal in the audit', async () => {
    const { json } = await responder.call('GET', `/api/approvals/${first.approval.id}/audit`);
    return (json.entries as AuditEntry[]).at(-1)?.event === 'refused' || undefined;
  });
  expect(responder.effects()).toEqual([]);

  const isolation = second.approval.stepIds.filter((id) => id.includes('isolate'));
  expect((await responder.decide(second, { steps: isolation })).json.code).toBe('approved');
  const done = await responder.ended(instanceId);
  expect(done.effects).toMatchObject([{ action: 'defender.isolate-device', state: 'confirmed' }]);
  expect((await responder.caseFile(instanceId))?.generation).toBe(2);
});

it.each(['http', 'teams', 'service-bus'] as const)(
  'an id that was used in an earlier handling is free in the next one: %s',
  async (channel) => {
    const channels = await EveryChannel.start();
    onTestFinished(() => channels.stop());
    responder = channels.responder;
    const decision = { by: 'Robin Keller', id: `used-before-${channel}`, reason: 'A test.' } as const;
    const first = await responder.asked(await responder.deliver());
    const { instanceId } = first;
    expect((await channels.decide(channel, first, { ...decision, kind: 'reject' })).counted).toBe(true);
    await responder.ended(instanceId);
    await purge(instanceId);

    responder.comeBack();
    await responder.deliver();
    const second = await responder.asked(instanceId);
    const said = await channels.decide(channel, second, decision);
    expect(said.text).not.toMatch(/same id was submitted before/);
    expect(said.counted).toBe(true);
    expect((await responder.request(second.approval.id)).approval.state).toBe('approved');
    expect((await responder.caseFile(instanceId))?.refusedDecisions).toBeUndefined();
  },
);
