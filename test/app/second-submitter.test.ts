/** Each person who submits an incident must not decide about it, also if the event is known and brings nothing else. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { again, change, type Event } from './later-events.js';
import { searched } from './lone-alerts.js';
import { ANALYSTS, type Analyst, anotherIncident, type Request, Responder } from './responder.js';

const [FIRST, SECOND, THIRD] = ['Local analyst', 'Robin Keller', 'Kim Larsen'] as const;
const idOf = (who: Analyst) => ANALYSTS.find(({ name }) => name === who)?.id;
const all: Event[] = [];
let responder: Responder;
beforeAll(async () => {
  responder = await Responder.start({
    change: (tenant) => {
      for (let n = 0; n < 4; n++) all.push(anotherIncident(tenant));
    },
  });
});
afterAll(() => responder.stop());

const eventOf = (n: number): Event => all[n] ?? {};
const submit = async (event: unknown, by?: Analyst) =>
  (await responder.call('POST', '/api/incidents', event, by === undefined ? {} : { by })).json;
const decided = async (request: Request, by: Analyst) => (await responder.decide(request, { by })).json.code;

it('excludes a second person who submits the same event while the request waits', async () => {
  const { instanceId } = await submit(eventOf(0), FIRST);
  const request = await responder.asked(String(instanceId));
  expect(await submit(eventOf(0), SECOND)).toMatchObject({ status: 'duplicate', instanceId });
  for (const by of [SECOND, FIRST]) expect(await decided(request, by)).toBe('own-incident');
  expect(await decided(request, THIRD)).toBe('approved');
  const { submitters } = await responder.ended(request.instanceId);
  expect(submitters).toEqual([FIRST, SECOND].map(idOf));
});

it('excludes who submits a known event after the end, in the next run', async () => {
  const event = eventOf(1);
  const { instanceId } = await submit(event, FIRST);
  const request = await responder.asked(String(instanceId));
  await responder.decide(request, { kind: 'reject', reason: 'A test.', by: THIRD });
  await responder.ended(request.instanceId);
  await searched(responder, request.instanceId);
  responder.comeBack();
  expect((await submit(event, SECOND)).status).toBe('duplicate');
  change(responder, event, ({ properties }) =>
    Object.assign(properties, { severity: 'Medium', title: 'Ransom' }),
  );
  change(responder, event, ({ properties }) => Object.assign(properties, { severity: 'High' }));
  change(responder, event, (incident) => incident.alerts.pop());
  await responder.deliver(again(event));
  const next = await responder.asked(request.instanceId);
  expect(next.approval.id).not.toBe(request.approval.id);
  expect(await decided(next, SECOND)).toBe('own-incident');
  expect(await decided(next, THIRD)).toBe('approved');
  await responder.ended(request.instanceId);
  responder.comeBack();
});

it('excludes who submits an older version that has no event id', async () => {
  const event = eventOf(2);
  const request = await responder.asked(await responder.deliver(event));
  const { object } = event as { object: { properties: Record<string, unknown> } };
  const version = {
    ...object,
    properties: { ...object.properties, lastModifiedTimeUtc: '2026-03-09T08:00:00Z' },
  };
  expect((await submit(version, SECOND)).status).toBe('duplicate');
  expect(await decided(request, SECOND)).toBe('own-incident');
  expect(await decided(request, THIRD)).toBe('approved');
  await responder.ended(request.instanceId);
  responder.comeBack();
});

it('counts each person once, however often they call', async () => {
  const request = await responder.asked(await responder.deliver(eventOf(3)));
  for (const by of [SECOND, SECOND, FIRST, SECOND]) {
    expect((await submit(eventOf(3), by)).status).toBe('duplicate');
  }
  await responder.decide(request, { kind: 'reject', reason: 'A test.', by: THIRD });
  await responder.ended(request.instanceId);
  await searched(responder, request.instanceId);
  const { submitters, deliveries } = (await responder.caseFile(request.instanceId)) ?? {};
  expect(submitters).toEqual([SECOND, FIRST].map(idOf));
  expect(deliveries).toHaveLength(3);
});

it('keeps everyone who sent a body that was rejected', async () => {
  responder.comeBack();
  const unknown = { wrapper: { of: 'something else' } };
  for (const by of [FIRST, SECOND, FIRST]) await submit(unknown, by);
  const { json } = await responder.call('GET', '/api/rejected');
  const [stored] = json.rejected as { id: string }[];
  const shown = await responder.call('GET', `/api/rejected/${stored?.id}`);
  expect(shown.json).toMatchObject({
    count: 3,
    submittedBy: { id: idOf(FIRST) },
    alsoSubmittedBy: [{ id: idOf(SECOND) }],
  });
});
