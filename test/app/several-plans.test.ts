/** The plans of one incident: what begins another one, and who may decide about it. */
import type { ActivityCall, ActivityFault } from 'functions-emulator';
import { expect, it } from 'vitest';
import { again, change, type Event, isKind, submit } from './later-events.js';
import { caseOf, type Entity, entity, incidentOf, modelOf, play, waitingOf } from './played-events.js';
import { ANALYSTS, type Responder, type Tenant } from './responder.js';

const [, ROBIN] = ANALYSTS;

it('keeps the plan when Sentinel returns no entities any more, and people decide about it', async () => {
  await play(1, (responder, [event = {}], ids) => [
    [
      1,
      async () => {
        const entities: Entity[] = [];
        change(responder, event, (incident) => Object.assign(incident, { entities }));
        expect(await submit(responder, again(event))).toBe('updated');
      },
    ],
    [
      20,
      async () => {
        const file = await caseOf(responder, ids[0]);
        expect(file.timeline.map(({ text }) => text).join()).toContain('No entities are returned any more');
        expect(file.formerPlans).toBeUndefined();
        const request = await waitingOf(responder, ids[0]);
        expect(request.approval.id).toBe(`${ids[0]}.1.analysts`);
        const steps = request.approval.stepIds.filter((id) => id.includes('isolate'));
        expect((await responder.decide(request, { steps })).json.code).toBe('approved');
      },
    ],
    [
      30,
      async () => {
        expect((await caseOf(responder, ids[0])).effects).toMatchObject([{ state: 'confirmed' }]);
      },
    ],
  ]);
});

it('makes a new plan after a process of the former one has failed, and carries it out', async () => {
  let failures = 0;
  // The reminder of the first request, at 30 minutes.
  const onActivity = ({ name, input }: ActivityCall): ActivityFault | undefined => {
    if (name !== 'processTimeouts' || JSON.stringify(input).includes('.analysts.2')) return undefined;
    failures += 1;
    return { kind: 'replace', result: { ok: true, value: 'nonsense' } };
  };
  const only = (tenant: Tenant, all: Event[]) => {
    for (const event of all) {
      const incident = incidentOf(tenant, event);
      incident.entities = incident.entities.filter(isKind('Host'));
    }
  };
  const grow = (responder: Responder, event: Event) =>
    change(responder, event, ({ entities }) => entities.push(...modelOf(responder, 'Account')));
  await play(
    2,
    (responder, [early = {}, late = {}], ids) => [
      [
        // It is read again ten seconds later: after the failure.
        29.95,
        async () => {
          grow(responder, early);
          expect(await submit(responder, again(early))).toBe('updated');
        },
      ],
      [
        32,
        async () => {
          expect(failures).toBe(2);
          const failed = await caseOf(responder, ids[1]);
          expect(failed).toMatchObject({ outcome: 'needs-analyst', unfinished: 'failed', stage: 'ended' });
          expect(failed.approvals).toMatchObject([{ state: 'superseded', supersededBy: 'failed' }]);
          grow(responder, late);
          expect(await submit(responder, again(late))).toBe('restarted');
          const request = await waitingOf(responder, ids[0]);
          expect(request.approval.id).toBe(`${ids[0]}.1.analysts.2`);
          expect((await responder.decide(request)).json.code).toBe('approved');
        },
      ],
      [
        34,
        async () => {
          const request = await waitingOf(responder, ids[1]);
          expect(request.approval.id).toBe(`${ids[1]}.2.analysts`);
          expect((await responder.decide(request)).json.code).toBe('approved');
        },
      ],
      [
        50,
        async () => {
          for (const id of ids) {
            const { effects, plan } = await caseOf(responder, id);
            expect(effects.map(({ state }) => state)).toEqual(
              plan?.steps.map(() => expect.stringMatching(/confirmed|already-done/)),
            );
          }
        },
      ],
    ],
    only,
    { introspection: { onActivity } },
  );
});

it('keeps people from deciding that a former version named, in any plan and any run', async () => {
  const named = entity('Account', { accountName: 'robin.keller', upnSuffix: 'contoso.com' });
  /** Only Defender knows that the machine has the name of Robin's. */
  const MACHINE = '0b0b0001'.repeat(5);
  const OWNED = '00000000-0000-4000-8000-00000000d001';
  const machine = entity('Host', { additionalData: { MdatpDeviceId: MACHINE } });
  const added = [named, machine, named, machine];
  const prepare = (tenant: Tenant, all: Event[]) => {
    const { app } = tenant as unknown as { app: { permissions: { graph: string[] } } };
    app.permissions.graph.push('Directory.Read.All');
    const [model] = tenant.machines;
    tenant.machines.push({
      ...model,
      id: MACHINE,
      computerDnsName: 'LT-Robin.corp.contoso.com',
      aadDeviceId: null,
      onboardingStatus: 'InsufficientInfo',
    } as Tenant['machines'][number]);
    Object.assign(tenant, {
      devices: [{ id: OWNED, deviceId: OWNED, displayName: 'LT-ROBIN', owners: [ROBIN.id], users: [] }],
    });
    all.forEach((event, n) => {
      const incident = incidentOf(tenant, event);
      incident.entities = incident.entities.filter(isKind('Host'));
      incident.entities.push(structuredClone(added[n] ?? named));
    });
  };
  await play(
    4,
    (responder, all, ids) => [
      [
        1,
        async () => {
          // Somebody removes the alert that names them. The last two incidents have ended before.
          for (const id of ids.slice(2)) {
            const request = await waitingOf(responder, id);
            await responder.decide(request, { kind: 'reject', reason: 'A test.' });
          }
        },
      ],
      [
        2,
        async () => {
          for (const [n, event] of all.entries()) {
            change(responder, event, (incident) => {
              incident.entities.pop();
              incident.entities.push(...modelOf(responder, 'Account'));
            });
            expect(await submit(responder, again(event))).toBe(n < 2 ? 'updated' : 'restarted');
          }
        },
      ],
      [
        4,
        async () => {
          for (const [n, id] of ids.entries()) {
            const request = await waitingOf(responder, id);
            expect(request.approval.id).toBe(`${id}.${n < 2 ? '1.analysts.2' : '2.analysts'}`);
            const own = await responder.decide(request, { by: 'Robin Keller' });
            expect(own.json.code, `incident ${n}`).toBe('own-incident');
            expect((await responder.decide(request)).json.code).toBe('approved');
          }
        },
      ],
    ],
    prepare,
  );
});
