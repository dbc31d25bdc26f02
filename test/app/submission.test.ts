/** A request shows who submitted the incident, or that the submitter is unknown: an approver may have submitted it. */
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approvalLines } from '../../src/cli/approvals/lines.js';
import { EveryChannel } from './every-channel.js';
import { anotherIncident, type Request, until } from './responder.js';
import { shown } from './teams/teams.js';

let channels: EveryChannel;
let events: Record<string, unknown>[];
beforeAll(async () => {
  channels = await EveryChannel.start({
    playbook: [['deadline: 4h', 'deadline: 4h\n      submission: signed']],
    change: (tenant) => {
      events = Array.from({ length: 3 }, () => anotherIncident(tenant));
    },
  });
}, 60_000);
afterAll(() => channels.stop());

/** The submitter as card, page and command line show it. */
async function said({ approval }: Request): Promise<string[]> {
  const { teams, responder } = channels;
  const card = await until('the card', async () =>
    teams.cards().find(({ activity }) => JSON.stringify(activity).includes(approval.id)),
  );
  const page = await channels.look('Local analyst', `/approvals/${approval.id}`);
  const { json, headers } = await responder.call('GET', `/api/approvals/${approval.id}`);
  const approvalOfCli = { ...json, etag: headers.get('etag') ?? '' } as unknown as Parameters<
    typeof approvalLines
  >[0];
  const lines = approvalLines(approvalOfCli, 0, (_, text) => text).join('\n');
  return [shown(card), page, lines].map(
    (text) => /(?:[Hh]anded in|[Ss]ubmitted) {1,2}by: ([^"<\n]+)/.exec(text)?.[1] ?? '',
  );
}

it('with the function key alone the submitter is unknown: this is shown, and where policy requires a signature nothing is approved', async () => {
  const { responder } = channels;
  const request = await responder.asked(await responder.deliver(events[0]), 'analysts');
  expect(request.approval).toMatchObject({ submission: { trigger: 'http' }, submissionRefused: true });
  for (const text of await said(request)) expect(text).toMatch(/^unknown \\?\(HTTP\\?\)/);
  expect(request.approval.warnings[0]).toContain('Policy requires a signed submission');
  for (const channel of ['page', 'http', 'teams', 'service-bus'] as const) {
    const refused = await channels.decide(channel, request, { by: 'Robin Keller' });
    expect([channel, refused.counted]).toEqual([channel, false]);
    expect(refused.text).toContain('POST /api/incidents with the bearer token');
  }
  const codes = (await responder.caseFile(request.instanceId))?.decisions.map(({ outcome }) => outcome.code);
  expect(new Set(codes)).toEqual(new Set(['submission-unsigned']));
  const rejected = await channels.decide('http', request, {
    by: 'Robin Keller',
    kind: 'reject',
    reason: 'By hand.',
  });
  expect(rejected.counted).toBe(true);
});

it('who signs it is named, and somebody else decides', async () => {
  const { responder } = channels;
  const request = await responder.asked(await responder.deliver(events[1], 'Robin Keller'), 'analysts');
  for (const text of await said(request)) expect(text).toMatch(/^Robin Keller \\?\(HTTP\\?\)/);
  expect((await responder.decide(request, { by: 'Robin Keller' })).json.code).toBe('own-incident');
  expect((await responder.decide(request)).json.code).toBe('approved');
});

it('the queue is unattended: the submitter is shown as unknown, and the request can be decided', async () => {
  const { responder } = channels;
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
