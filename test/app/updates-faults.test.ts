/** Later deliveries of an incident at bad moments, and what is not carried out again after an end that was not final. */
import type { ActivityCall, ActivityFault } from 'functions-emulator';
import { expect, it } from 'vitest';
import { again, change, type Event, isKind, nameOf, noted, start, submit, waiting } from './later-events.js';
import { type Responder, START, type Tenant, until } from './responder.js';

const MINUTE = 60_000;
const only = (kind: string) => (tenant: Tenant, all: Event[]) => {
  for (const event of all) {
    const incident = tenant.incidents.find(({ name }) => name === nameOf(event));
    if (incident) incident.entities = incident.entities.filter(isKind(kind));
  }
};
const grow = (responder: Responder, event: Event, kind: string) =>
  change(responder, event, (incident) => {
    const [model] = responder.tenant().incidents;
    incident.entities.push(...structuredClone(model?.entities.filter(isKind(kind)) ?? []));
  });

/** While `isOn`, no plan can be made. */
class NoPlan {
  isOn = false;
  readonly onActivity = ({ name, input }: ActivityCall): ActivityFault | undefined => {
    if (!this.isOn) return undefined;
    if (name === 'enrich' && JSON.stringify(input).includes('"thenDecide"')) {
      return { kind: 'fail', message: 'node exited with code 137' };
    }
    const error = { code: 'playbook-unknown', message: 'It is unknown.', fault: 'caller', retry: 'no' };
    return name === 'decide' ? { kind: 'replace', result: { ok: false, error } } : undefined;
  };
}

it('leaves a version that it cannot decide to a person, and takes the next update', async () => {
  const noPlan = new NoPlan();
  const { responder, all } = await start(2, only('Host'), { introspection: noPlan });
  const [done, open] = all as [Event, Event];
  const first = await responder.asked(await responder.deliver(done));
  const second = await responder.asked(await responder.deliver(open));
  expect((await responder.decide(first)).json.code).toBe('approved');
  responder.leave();
  await responder.ended(first.instanceId);
  responder.comeBack();

  noPlan.isOn = true;
  for (const event of [done, open]) {
    grow(responder, event, 'Account');
    expect(await submit(responder, again(event))).toBe('updated');
  }
  responder.leave();
  await noted(responder, first.instanceId, 'No new plan could be made');
  const left = await responder.ended(second.instanceId);
  expect(left).toMatchObject({ outcome: 'needs-analyst', unfinished: 'not-decided' });
  expect(left.approvals).toMatchObject([{ state: 'superseded', supersededBy: 'changed' }]);
  const partly = await until('the outcome', async () => {
    const file = await responder.caseFile(first.instanceId);
    return file?.unfinished && file.stage === 'ended' ? file : undefined;
  });
  expect(partly).toMatchObject({ outcome: 'partly-remediated', unfinished: 'not-decided' });

  // The undo of the first is still possible, so its instance runs; the other begins again.
  noPlan.isOn = false;
  responder.comeBack();
  expect(await submit(responder, again(done))).toBe('updated');
  const file = await noted(responder, first.instanceId, 'A new plan was made');
  expect(waiting(file).map(({ id }) => id)).toEqual([`${first.instanceId}.1.analysts.2`]);
  expect([file.outcome, file.unfinished, file.error]).toEqual([undefined, undefined, undefined]);
  await responder.host.idle();
  expect(await submit(responder, again(open))).toBe('restarted');
});

it('gives each plan of a run its own requests, whatever arrives while the comment is written', async () => {
  let isSlow = true;
  const onActivity = ({ name }: ActivityCall): ActivityFault | undefined =>
    isSlow && name === 'writeComment' ? { kind: 'delay', ms: 10 * MINUTE } : undefined;
  const { responder, all } = await start(1, only('Ip'), { introspection: { onActivity } });
  const [event] = all as [Event];
  const goOn = responder.hold();
  const later = responder.at(5 * MINUTE, async () => {
    isSlow = false;
    grow(responder, event, 'Host');
    return submit(responder, again(event));
  });
  const id = await responder.deliver(event);
  goOn();
  expect(await later).toBe('updated');
  const second = await responder.asked(id);
  expect(second.approval.id).toBe(`${id}.1.analysts.2`);
  grow(responder, event, 'Account');
  expect(await submit(responder, again(event))).toBe('updated');
  responder.leave();
  const file = await noted(responder, id, 'A new plan was made');
  responder.comeBack();
  expect(waiting(file).map((one) => one.id)).toEqual([`${id}.1.analysts.3`]);
  expect(new Set(file.approvals.map((one) => one.id)).size).toBe(2);
  const third = await responder.request(`${id}.1.analysts.3`);
  expect((await responder.decide(third)).json.code).toBe('approved');
  expect((await responder.ended(id)).effects.length).toBe(third.approval.stepIds.length);
});

it('takes an update that arrives while the result is written', async () => {
  let isSlow = false;
  const onActivity = ({ name }: ActivityCall): ActivityFault | undefined =>
    isSlow && name === 'writeComment' ? { kind: 'delay', ms: 10 * MINUTE } : undefined;
  const { responder, all } = await start(1, only('Host'), { introspection: { onActivity } });
  const [event] = all as [Event];
  const first = await responder.asked(await responder.deliver(event));
  isSlow = true;
  const later = responder.at(responder.now() - START + 5 * MINUTE, async () => {
    isSlow = false;
    grow(responder, event, 'Account');
    return submit(responder, again(event));
  });
  await responder.decide(first, { kind: 'reject', reason: 'A test.' });
  responder.leave();
  expect(await later).toBe('updated');
  const file = await noted(responder, first.instanceId, 'A new plan was made');
  expect(file.generation).toBe(1);
  expect(waiting(file).map(({ id }) => id)).toEqual([`${first.instanceId}.1.analysts.2`]);
});

it('takes an update that arrives behind a decision while the last events are published', async () => {
  let isSlow = false;
  const onActivity = ({ name }: ActivityCall): ActivityFault | undefined =>
    isSlow && name === 'publishEvents' ? { kind: 'delay', ms: 10 * MINUTE } : undefined;
  const { responder, all } = await start(1, only('Host'), {
    introspection: { onActivity },
    settings: {
      EVENT_GRID_TOPIC_ENDPOINT: 'https://sentinel-responder.westeurope-1.eventgrid.azure.net/api/events',
    },
  });
  const [event] = all as [Event];
  const first = await responder.asked(await responder.deliver(event));
  isSlow = true;
  const later = responder.at(responder.now() - START + 5 * MINUTE, async () => {
    isSlow = false;
    const late = await responder.decide(first, { by: 'Robin Keller', pending: true });
    expect(late.json.code).toBe('already-decided');
    grow(responder, event, 'Account');
    return submit(responder, again(event));
  });
  await responder.decide(first, { kind: 'reject', reason: 'A test.' });
  responder.leave();
  expect(await later).toBe('updated');
  const next = await until('the next plan', async () => {
    const file = await responder.caseFile(first.instanceId);
    return waiting(file).length > 0 ? file : undefined;
  });
  expect(next.generation).toBe(1);
});

it('repeats nothing that an earlier run has done, through any number of runs', async () => {
  const { responder, all } = await start(
    1,
    (tenant) => {
      const { app } = tenant as unknown as { app: { permissions: { defender: string[] } } };
      app.permissions.defender = app.permissions.defender.filter((name) => name !== 'Machine.Isolate');
    },
    {
      playbook: [
        [
          '    tier: analysts\n    why: >-\n      The account was active',
          '    tier: auto\n    unattended: true\n    why: >-\n      The account was active',
        ],
      ],
    },
  );
  const [event] = all as [Event];
  const id = await responder.deliver(event);
  const revocations = () => responder.effects().filter(({ path }) => path.endsWith('revokeSignInSessions'));
  for (let run = 1; run <= 4; run++) {
    const request = await responder.asked(id);
    expect(request.approval.id).toBe(`${id}.${run}.analysts`);
    expect((await responder.decide(request)).json.code).toBe('approved');
    const file = await responder.ended(id);
    expect(file).toMatchObject({ generation: run, unfinished: 'no-permission' });
    expect(revocations()).toHaveLength(1);
    const proposed = file.plan?.steps.map(({ action }) => action);
    expect(proposed?.includes('entra.revoke-sessions')).toBe(run === 1);
    await responder.host.idle();
    responder.comeBack();
    if (run === 3) {
      // Changed: people decide about the device again, but what was done once stays done.
      change(responder, event, ({ properties }) => {
        properties.additionalData = {
          ...(properties.additionalData as object),
          tactics: ['Impact', 'Execution'],
        };
      });
      expect(await submit(responder, again(event))).toBe('restarted');
    } else if (run < 3) {
      const path = `/api/incidents/${id}/retry`;
      const retried = await responder.call('POST', path, {}, { by: 'Robin Keller' });
      expect(retried.json.status).toBe('restarted');
    }
  }
});
