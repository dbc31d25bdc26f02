/** Whoever hands an incident in may be one of those who decide about it: the request says who it was, or that nobody knows. */
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approvalLines } from '../../src/cli/approvals/texts.js';
import { EveryDoor } from './every-door.js';
import { anotherIncident, type Request, until } from './responder.js';
import { shown } from './teams/teams.js';

let doors: EveryDoor;
let events: Record<string, unknown>[];
beforeAll(async () => {
  doors = await EveryDoor.start({
    playbook: [['deadline: 4h', 'deadline: 4h\n      handIn: signed']],
    change: (tenant) => {
      events = Array.from({ length: 3 }, () => anotherIncident(tenant));
    },
  });
}, 60_000);
afterAll(() => doors.stop());

/** All that people are shown of who handed it in. */
async function said({ approval }: Request): Promise<string[]> {
  const { teams, responder } = doors;
  const card = await until('the card', async () =>
    teams.cards().find(({ activity }) => JSON.stringify(activity).includes(approval.id)),
  );
  const page = await doors.look('Local analyst', `/approvals/${approval.id}`);
  const { json, headers } = await responder.call('GET', `/api/approvals/${approval.id}`);
  const approvalOfCli = { ...json, etag: headers.get('etag') ?? '' } as unknown as Parameters<
    typeof approvalLines
  >[0];
  const lines = approvalLines(approvalOfCli, 0, (_, text) => text).join('\n');
  return [shown(card), page, lines].map((text) => /[Hh]anded in {1,2}by: ([^"<\n]+)/.exec(text)?.[1] ?? '');
}

it('with the function key alone nobody knows: it is said, and where policy asks for a signature nothing is approved', async () => {
  const { responder } = doors;
  const request = await responder.asked(await responder.deliver(events[0]), 'analysts');
  expect(request.approval).toMatchObject({ handedIn: { door: 'http' }, handInRefused: true });
  for (const text of await said(request)) expect(text).toMatch(/^unknown \\?\(HTTP\\?\)/);
  expect(request.approval.warnings[0]).toContain('Policy asks for a signed hand-in');
  for (const door of ['page', 'http', 'teams', 'service-bus'] as const) {
    const refused = await doors.decide(door, request, { by: 'Robin Keller' });
    expect([door, refused.counted]).toEqual([door, false]);
    expect(refused.text).toContain('POST /api/incidents with a bearer token');
  }
  const codes = (await responder.caseFile(request.instanceId))?.decisions.map(({ verdict }) => verdict.code);
  expect(new Set(codes)).toEqual(new Set(['hand-in-unsigned']));
  const rejected = await doors.decide('http', request, {
    by: 'Robin Keller',
    kind: 'reject',
    reason: 'By hand.',
  });
  expect(rejected.counted).toBe(true);
});

it('who signs it is named, and somebody else decides', async () => {
  const { responder } = doors;
  const request = await responder.asked(await responder.deliver(events[1], 'Robin Keller'), 'analysts');
  for (const text of await said(request)) expect(text).toMatch(/^Robin Keller \\?\(HTTP\\?\)/);
  expect((await responder.decide(request, { by: 'Robin Keller' })).json.code).toBe('own-incident');
  expect((await responder.decide(request)).json.code).toBe('approved');
});

it('the queue is unattended: that nobody is known is said, and it is decided about', async () => {
  const { responder } = doors;
  const bus = new ServiceBusClient(responder.host.serviceBusConnectionString ?? '');
  const sender = bus.createSender('incidents');
  await sender.sendMessages({ body: events[2] });
  await bus.close();
  const waiting = await until('the question', async () => {
    const { json } = await responder.call('GET', '/api/approvals');
    const all = json.approvals as { id: string; instanceId: string; tier: string; state: string }[];
    return all.find(({ tier, state }) => tier === 'analysts' && state === 'waiting');
  });
  const request = await responder.request(waiting.id);
  for (const text of await said(request)) expect(text).toMatch(/^unknown \\?\(Service Bus\\?\)/);
  expect((await responder.decide(request)).json.code).toBe('approved');
});
