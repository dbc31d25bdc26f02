/** An incident does not undo an effect that another incident relies on. */
import { createHmac } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { DEVICE_ISOLATION } from './entity-keys.js';
import { DEVICE, type Tenant, until } from './responder.js';
import { Incidents } from './two-incidents.js';

let incidents: Incidents;
afterEach(async () => {
  const { responder } = incidents;
  expect(responder.events.filter(({ kind }) => kind === 'diagnostic')).toEqual([]);
  await responder.stop();
});

const ENTITY = `/runtime/webhooks/durabletask/entities/reliance/${DEVICE_ISOLATION}`;
const isIsolated = () => incidents.responder.tenant().machines.find(({ id }) => id === DEVICE)?.isolated;
const releases = () =>
  incidents.responder.tenant().machineActions.filter(({ type }) => type === 'Unisolate').length;
const reliance = async () => (await incidents.responder.fetch(ENTITY, { method: 'GET' })).json;
const approve = (n: number) => async () => expect(await incidents.decide(n, 'approve')).toBe(true);
const undo = (n: number) => async () => expect(await incidents.decide(n, 'undo')).toBe(true);

async function releaseByHand(): Promise<void> {
  const at = new Date(incidents.responder.now()).toISOString();
  incidents.responder.simulator.update((tenant: Tenant) => {
    const asked = { requestor: 'lee.andersen@contoso.com', requestorComment: 'by hand', scope: null };
    const times = { creationDateTimeUtc: at, lastUpdateDateTimeUtc: at };
    const done = { id: 'by-hand', type: 'Unisolate', machineId: DEVICE, status: 'Succeeded' };
    tenant.machineActions.push({ ...done, ...asked, ...times });
    for (const machine of tenant.machines) if (machine.id === DEVICE) machine.isolated = false;
  });
}

it('keeps a device isolated while another incident relies on it, and releases it after the last', async () => {
  incidents = await Incidents.start();
  await incidents.play(2, [
    [5, approve(0)],
    [10, approve(1)],
    [15, undo(0)],
    [
      20,
      async () => {
        expect(await incidents.effect(1)).toMatchObject({ state: 'already-done' });
        expect(await incidents.timeline(1)).toContain('is also relied on by incident #2001');
        expect((await incidents.effect(0))?.undo).toMatchObject({
          state: 'relied-on',
          proof: expect.stringMatching(
            /stays in force because of incident #2002 since .* no longer relies on it/,
          ),
        });
        expect(await incidents.timeline(1)).toContain('incident #2001 was due to end it');
        expect([isIsolated(), releases()]).toEqual([true, 0]);
      },
    ],
    [25, undo(1)],
    [
      30,
      async () => {
        const proof = expect.stringContaining('Release');
        expect((await incidents.effect(1))?.undo).toMatchObject({ state: 'confirmed', proof });
        expect([isIsolated(), releases()]).toEqual([false, 1]);
      },
    ],
  ]);
});

it('lets an isolation wait while another incident releases the device, and isolates it then', async () => {
  incidents = await Incidents.start({
    change: (tenant: Tenant & { machineActionTiming?: object }) => {
      tenant.machineActionTiming = { startsAfter: 20, endsAfter: 120 };
    },
  });
  await incidents.play(2, [
    [5, approve(0)],
    [10, undo(0)],
    [11, approve(1)],
    [
      11.5,
      async () => {
        const error = { code: 'being-ended', message: expect.stringContaining('#2001') };
        expect(await incidents.effect(1)).toMatchObject({ state: 'intended', error });
        expect(isIsolated()).toBe(true);
      },
    ],
    [
      30,
      async () => {
        expect(await incidents.effect(0)).toMatchObject({ undo: { state: 'confirmed' } });
        expect(await incidents.effect(1)).toMatchObject({ state: 'confirmed' });
        expect([isIsolated(), releases()]).toEqual([true, 1]);
      },
    ],
  ]);
});

it('shows in the case that its effect had ended where another incident has to bring it about again', async () => {
  incidents = await Incidents.start();
  await incidents.play(2, [
    [5, approve(0)],
    [10, releaseByHand],
    [15, approve(1)],
    [
      20,
      async () => {
        const reason = expect.stringContaining('incident #2002 found it not in force');
        expect(await incidents.effect(0)).toMatchObject({ state: 'confirmed', endedByOthers: { reason } });
        expect(await incidents.effect(1)).toMatchObject({ state: 'confirmed' });
        expect(await reliance()).toMatchObject({ relies: [{ number: '2002' }] });
      },
    ],
    [25, undo(1)],
    [
      30,
      async () =>
        expect([isIsolated(), (await incidents.effect(1))?.undo?.state]).toEqual([false, 'confirmed']),
    ],
  ]);
});

it('shows in the case that somebody else ended the effect, and relies on it no longer', async () => {
  incidents = await Incidents.start();
  await incidents.play(1, [
    [5, approve(0)],
    [30, releaseByHand],
    [
      90,
      async () => {
        const reason = expect.stringContaining('lee.andersen@contoso.com');
        expect(await incidents.effect(0)).toMatchObject({ state: 'confirmed', endedByOthers: { reason } });
        expect(await incidents.timeline(0)).toContain('was ended by others');
        expect(await reliance()).toMatchObject({ relies: [] });
      },
    ],
  ]);
});

it('does nothing that the holder of the system key says about who relies on an effect', async () => {
  incidents = await Incidents.start();
  const alarms = () =>
    incidents.responder.events.filter(
      ({ kind, message }: { kind: string; message?: string }) =>
        kind === 'log' && message?.includes('Alarm: a reliance request'),
    );
  await incidents.play(1, [
    [5, approve(0)],
    [
      10,
      async () => {
        const before = await reliance();
        const instanceId = incidents.id(0);
        expect(before).toMatchObject({ relies: [{ instanceId, number: '2001', proved: true }] });
        const who = { instanceId, generation: 1, step: 0, since: '2026-03-10T08:12:00.000Z' };
        const stranger = { ...who, instanceId: `incident-${'ab'.repeat(20)}` };
        for (const request of [
          { ask: 'withdraw', who },
          { ask: 'release', who, output: null },
          { ask: 'claim', who: stranger },
          { ask: 'end', who: stranger },
        ]) {
          const content = JSON.stringify({ key: `device-isolation.${DEVICE}`, request });
          const mac = createHmac('sha256', 'a guess').update(content).digest('base64url');
          const about = {
            purpose: 'reliance',
            instanceId: request.who.instanceId,
            generation: 1,
            sequence: 0,
          };
          for (const body of [request, { ...about, content, seal: { keyId: 'k', mac } }]) {
            const answer = await incidents.responder.fetch(`${ENTITY}?op=request`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            });
            expect(answer.status).toBe(202);
          }
        }
        await until('the alarms', async () => (alarms().length >= 8 ? true : undefined));
        expect(await reliance()).toEqual(before);
      },
    ],
    [15, undo(0)],
    [20, async () => expect((await incidents.effect(0))?.undo).toMatchObject({ state: 'confirmed' })],
  ]);
});
