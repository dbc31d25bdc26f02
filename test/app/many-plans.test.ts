/** The number of plans of one run is limited. */
import { expect, it } from 'vitest';
import { again, change, submit } from './later-events.js';
import { caseOf, type Deeds, entity, modelOf, play, waitingOf } from './played-events.js';
import { DEVICE, type Tenant } from './responder.js';

it('makes twenty plans of an incident that keeps changing, and then leaves it to people', async () => {
  const MOST = 20;
  const OTHER = '0b0b0002'.repeat(5);
  const other = entity('Host', { additionalData: { MdatpDeviceId: OTHER } });
  const prepare = (tenant: Tenant) => {
    const machine = tenant.machines.find(({ id }) => id === DEVICE) ?? expect.fail();
    tenant.machines.push({ ...machine, id: OTHER, computerDnsName: 'ws-10.corp.contoso.com' });
  };
  let comments = 0;
  await play(
    1,
    (responder, [event = {}], ids) => [
      ...Array.from({ length: MOST }, (_, n): Deeds[number] => [
        n + 1,
        async () => {
          // Each version proposes to isolate another device than the one before.
          const entities = n % 2 === 0 ? [other] : modelOf(responder, 'Host');
          change(responder, event, (incident) => Object.assign(incident, { entities }));
          expect(await submit(responder, again(event))).toBe('updated');
        },
      ]),
      [
        MOST + 2,
        async () => {
          const file = await caseOf(responder, ids[0]);
          expect(file.formerPlans).toHaveLength(MOST - 1);
          expect(file).toMatchObject({ outcome: 'needs-analyst', unfinished: 'not-decided', stage: 'ended' });
          expect(file.error?.code).toBe('changed-too-often');
          expect(file.approvals.map(({ supersededBy }) => supersededBy)).toEqual(
            Array<string>(MOST).fill('changed'),
          );
          expect(responder.comment()).toContain('has changed too often');
          expect(responder.effects()).toEqual([]);
          // The next delivery begins the next run, with as many plans again.
          expect(await submit(responder, again(event))).toBe('restarted');
        },
      ],
      [
        MOST + 4,
        async () => {
          const request = await waitingOf(responder, ids[0]);
          expect(request.approval.id).toBe(`${ids[0]}.2.analysts`);
          const written = ({ method, path }: { method: string; path: string }) =>
            method === 'PUT' && path.includes('/comments/');
          comments = responder.simulator.calls().filter(written).length;
        },
      ],
    ],
    prepare,
  );
  // One for each plan, one for the end, and one for the next run: not one for each update that arrives.
  expect(comments).toBeLessThanOrEqual(MOST + 3);
});
