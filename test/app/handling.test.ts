import { afterEach, expect, it } from 'vitest';
import { changedPlaybook } from './playbook.js';
import { DEVICE, Responder, type ResponderOptions, until } from './responder.js';

let responder: Responder;
async function start(options?: ResponderOptions): Promise<void> {
  responder = await Responder.start(options);
}
afterEach(async () => {
  expect(responder.simulator.unknownCalls()).toEqual([]);
  expect(responder.events.filter(({ kind }) => kind === 'diagnostic')).toEqual([]);
  await responder.stop();
});

const isolations = () => responder.tenant().machineActions.filter(({ type }) => type === 'Isolate');
const machine = () => responder.tenant().machines.find(({ id }) => id === DEVICE);

it('carries out what was approved, proves it, and writes it into the comment', async () => {
  await start();
  const request = await responder.asked(await responder.deliver());
  expect(responder.effects()).toEqual([]);
  await until('the comment', async () => responder.comment().includes('waiting for approval') || undefined);

  const answer = await responder.decide(request, { reason: 'It is <b>spreading</b>' });
  expect(answer.status).toBe(201);
  const file = await responder.ended(request.instanceId);

  expect(file.effects.map(({ action, state }) => [action, state])).toEqual([
    ['defender.isolate-device', 'confirmed'],
    ['entra.revoke-sessions', 'confirmed'],
  ]);
  expect(file.effects[0]?.proof).toMatch(/read back as Succeeded.*no later release/);
  expect(isolations()).toHaveLength(1);
  expect(machine()?.isolated).toBe(true);
  expect(responder.tenant().comments).toHaveLength(1);
  expect(responder.comment()).toContain('read back as Succeeded');
  expect(responder.comment()).toContain('It is &lt;b&gt;spreading&lt;/b&gt;');
  expect(file.comment?.revision).toBe(2);
  expect(file.approvals[0]?.state).toBe('approved');
  expect(file.decisions).toHaveLength(1);
});

it('carries out only the steps that were approved', async () => {
  await start();
  const request = await responder.asked(await responder.deliver());
  const [, revoke = ''] = request.approval.stepIds;
  await responder.decide(request, { steps: [revoke] });
  const file = await responder.ended(request.instanceId);
  expect(file.effects.map(({ stepId }) => stepId)).toEqual([revoke]);
  expect(isolations()).toEqual([]);
});

it('touches nothing after a rejection', async () => {
  await start();
  const request = await responder.asked(await responder.deliver());
  expect((await responder.decide(request, { kind: 'reject', reason: 'a drill' })).status).toBe(201);
  const file = await responder.ended(request.instanceId);
  expect(file.outcome).toBe('rejected');
  expect(responder.effects()).toEqual([]);
  expect(responder.comment()).toContain('a drill');
});

it('changes nothing when the request expires', async () => {
  await start({ nobodyIsThere: true });
  const file = await responder.ended(await responder.deliver());
  expect(file.outcome).toBe('expired');
  expect(file.approvals[0]?.state).toBe('expired');
  expect(file.endedAt).toMatch(/^2026-03-10T12:12:00/);
  expect(responder.effects()).toEqual([]);
});

it('isolates nothing when two devices have the name', async () => {
  await start({
    change: (tenant) => {
      const [device] = tenant.machines;
      if (device) tenant.machines.push({ ...device, id: '0143fade'.repeat(5), aadDeviceId: null });
      for (const { entities } of tenant.incidents) {
        for (const { kind, properties } of entities) {
          if (kind === 'Host') forgetIds(properties);
        }
      }
    },
  });
  const request = await responder.asked(await responder.deliver());
  expect(request.approval.stepIds.join()).not.toContain('isolate');
  expect(request.plan.refused.map(({ action }) => action)).toContain('defender.isolate-device');
  await responder.decide(request);
  const file = await responder.ended(request.instanceId);
  expect(file.outcome).toBe('partly-remediated');
  expect(isolations()).toEqual([]);
});

it('goes on polling an isolation that somebody else began', async () => {
  await start({
    change: (tenant) => {
      tenant.machineActions.push({
        id: '00000000-0000-4000-8000-00000000ac01',
        machineId: DEVICE,
        type: 'Isolate',
        scope: 'Full',
        status: 'Pending',
        requestor: 'lee.andersen@contoso.com',
        requestorComment: 'By hand',
        creationDateTimeUtc: '2026-03-10T08:11:50.000Z',
        lastUpdateDateTimeUtc: '2026-03-10T08:11:50.000Z',
        computerDnsName: 'ws-fin-0142.corp.contoso.com',
      });
    },
  });
  const request = await responder.asked(await responder.deliver());
  await responder.decide(request);
  const file = await responder.ended(request.instanceId);
  expect(isolations()).toHaveLength(1);
  expect(file.effects[0]).toMatchObject({ action: 'defender.isolate-device', state: 'confirmed' });
});

it('says that an effect is not confirmed when it does not show in half an hour', async () => {
  await start({
    change: (tenant) => {
      for (const device of tenant.machines) device.connected = false;
    },
  });
  const request = await responder.asked(await responder.deliver());
  await responder.decide(request);
  const file = await responder.ended(request.instanceId);
  expect(file.effects.map(({ state }) => state)).toEqual(['unconfirmed', 'confirmed']);
  expect(file.outcome).toBe('partly-remediated');
  expect(isolations()).toHaveLength(1);
  expect(await historySteps(request.instanceId)).toBeLessThan(200);
});

it('ends where the incident was closed before', async () => {
  await start({
    change: (tenant) => {
      for (const { properties } of tenant.incidents) properties.status = 'Closed';
    },
  });
  const file = await responder.ended(await responder.deliver());
  expect(file.outcome).toBe('incident-closed');
  expect(responder.tenant().comments).toEqual([]);
});

it('ends where the incident does not exist', async () => {
  await start({
    change: (tenant) => {
      tenant.incidents = [];
    },
  });
  expect((await responder.ended(await responder.deliver())).outcome).toBe('incident-gone');
});

it('touches nothing where no playbook applies', async () => {
  await start({
    change: (tenant) => {
      for (const { properties } of tenant.incidents) properties.severity = 'Low';
    },
  });
  expect((await responder.ended(await responder.deliver())).outcome).toBe('no-playbook');
  expect(responder.tenant().comments).toEqual([]);
});

it('is left to an analyst, with a notice, if it is unknown whether the playbook applies', async () => {
  const settings = changedPlaybook([
    ['incident.severity == "high" &&', 'incident.alerts.exists(a, a.product == "Contoso EDR") &&'],
  ]);
  responder = await Responder.start({
    settings,
    change: (tenant) => {
      for (const { alerts } of tenant.incidents) {
        for (const { properties } of alerts as { properties: { productName?: string } }[]) {
          delete properties.productName;
        }
      }
    },
  });
  const file = await responder.ended(await responder.deliver());
  expect(file.outcome).toBe('needs-analyst');
  expect(file.error).toMatchObject({ code: 'playbook-unknown', message: expect.stringMatching(/product/) });
  expect(responder.comment()).toContain('needs an analyst');
  expect(responder.effects()).toEqual([]);
});

/** All actions of the orchestration that a replay must repeat. */
async function historySteps(instanceId: string): Promise<number> {
  const path = `/runtime/webhooks/durabletask/instances/${instanceId}?showHistory=true`;
  const { json } = await responder.call('GET', path);
  const events = json.historyEvents as { EventType: string }[];
  expect(events.length).toBeGreaterThan(20);
  return events.filter(({ EventType }) => !/^(Orchestrator|Execution)/.test(EventType)).length;
}

function forgetIds(properties: Record<string, unknown>): void {
  delete properties.azureID;
  delete properties.additionalData;
}
