/** `responder incidents retry` as a user runs it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Responder, readEvent, type Tenant } from '../app/responder.js';
import { entry, Running } from './run-cli.js';

let responder: Responder;
let id: string;

beforeAll(async () => {
  responder = await Responder.start({
    // Without permissions, every response fails.
    change: (tenant: Tenant) => {
      const { app } = tenant as unknown as { app: { permissions: Record<'graph' | 'defender', string[]> } };
      const { graph, defender } = app.permissions;
      app.permissions.defender = defender.filter((name) => name !== 'Machine.Isolate');
      app.permissions.graph = graph.filter((name) => name !== 'User.RevokeSessions.All');
    },
  });
  id = await responder.deliver();
});
afterAll(() => responder.stop());

const retry = async (...args: string[]) => {
  const { code, stdout, stderr } = await new Running(
    [entry, 'incidents', 'retry', ...args, '--url', responder.host.url],
    { RESPONDER_TOKEN: responder.tokenOf('Robin Keller') },
  ).ended;
  return { code, text: `${stdout}${stderr}` };
};

it('tries a step again that it names by its rule or its action, and says why it does not', async () => {
  const request = await responder.asked(id);
  expect(await retry(id)).toMatchObject({ code: 4, text: expect.stringContaining('still-running') });
  expect((await responder.decide(request)).json.code).toBe('approved');
  await responder.ended(id);
  await responder.host.idle();
  responder.comeBack();

  const unknown = await retry(`incident-${'0'.repeat(40)}`);
  expect(unknown).toMatchObject({ code: 2, text: expect.stringContaining('unknown-incident') });
  const step = await retry(id, '--step', 'isolate-devise');
  expect(step).toMatchObject({ code: 2, text: expect.stringContaining('isolate-device') });
  const done = await retry(id, '--step', 'isolate-device', '--step', 'isolate-workstation', '--json');
  const stepId = request.plan.steps.find(({ action }) => action === 'defender.isolate-device')?.id;
  expect([done.code, JSON.parse(done.text)]).toEqual([
    0,
    { status: 'restarted', instanceId: id, steps: [stepId] },
  ]);
  const next = await responder.asked(id);
  expect(next.approval.stepIds).toEqual([stepId]);
  await responder.decide(next, { kind: 'reject', reason: 'A test.' });
  await responder.ended(id);
  await responder.host.idle();
  expect(await retry(id, '--step', 'isolate-device')).toMatchObject({
    code: 4,
    text: expect.stringContaining('settled-step'),
  });
  // What was left out is not forgotten.
  const armId = String((readEvent().object as { id: string }).id);
  expect((await retry(armId)).text).toBe(
    `${id}: A new run begins. Another approver has to decide about what it proposes.\n`,
  );
});
