/** The directory is queried at each evaluation, for the decider and again for all earlier voters. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, EveryChannel } from './every-channel.js';
import {
  ANALYSTS,
  type Analyst,
  anotherIncident,
  type Request,
  type Responder,
  type Tenant,
} from './responder.js';
import { shown } from './teams/teams.js';

const GROUP = '00000000-0000-4000-8000-00000000b101';
const idOf = (by: Analyst) => ANALYSTS.find(({ name }) => name === by)?.id ?? '';
type User = Record<string, unknown> & { id: string };
const userOf = (tenant: Tenant, by: Analyst) =>
  (tenant.users as unknown as User[]).find(({ id }) => id === idOf(by));
const gone = (tenant: Tenant, by: Analyst) => {
  tenant.users = tenant.users.filter(({ id }) => id !== idOf(by));
};
const leaves = (tenant: Tenant, by: Analyst) => {
  for (const group of tenant.groups) group.members = group.members.filter((id) => id !== idOf(by));
};
const GUEST = 'robin_partner.example#EXT#@contoso.onmicrosoft.com';
const FATES: readonly (readonly [string, string, (tenant: Tenant, by: Analyst) => void])[] = [
  [
    'disabled',
    'account-disabled',
    (tenant, by) => Object.assign(userOf(tenant, by) ?? {}, { accountEnabled: false }),
  ],
  ['a guest', 'guest', (tenant, by) => Object.assign(userOf(tenant, by) ?? {}, { userType: 'Guest' })],
  [
    'a guest by the sign-in name alone',
    'guest',
    (tenant, by) => Object.assign(userOf(tenant, by) ?? {}, { userType: null, userPrincipalName: GUEST }),
  ],
  ['deleted', 'account-gone', gone],
  ['out of the group', 'not-an-approver', leaves],
];
/** The directory fails all queries about a person, including the retries of one decision. */
const silent = (responder: Responder, by: Analyst) =>
  responder.simulator.addFault({
    host: 'graph.microsoft.com',
    path: new RegExp(`/users/${idOf(by)}$`),
    times: 3,
    answer: { kind: 'status', status: 503 },
  });

describe.each(FATES)('an approver who is %s', (_what, code, befall) => {
  const by = 'Robin Keller';
  let channels: EveryChannel;
  let request: Request;
  beforeAll(async () => {
    channels = await EveryChannel.start();
    request = await channels.responder.asked(await channels.responder.deliver(), 'analysts');
    // The approver is signed in, with an open page and a valid token.
    channels.responder.simulator.update((tenant: Tenant) => befall(tenant, by));
  });
  afterAll(() => channels.stop());
  const codes = async () =>
    (await channels.responder.caseFile(request.instanceId))?.decisions.map((one) => one.outcome.code);

  it.each(CHANNELS)('does not decide through %s, whatever it is', async (channel) => {
    const before = (await codes())?.length ?? 0;
    for (const kind of ['approve', 'reject', 'extend'] as const) {
      const said = await channels.decide(channel, request, { by, kind, reason: 'A test.' });
      expect([kind, said.counted]).toEqual([kind, false]);
    }
    expect((await codes())?.slice(before)).toEqual([code, code, code]);
    expect(channels.responder.effects().filter(({ host }) => host !== 'smba.trafficmanager.net')).toEqual([]);
  });

  it('does not undo either', async () => {
    const { responder } = channels;
    await responder.decide(request);
    const undo = await (async () => {
      responder.leave();
      for (;;) {
        const file = await responder.caseFile(request.instanceId);
        const found = file?.approvals.find(({ purpose, tier }) => purpose === 'undo' && tier === 'analysts');
        if (found !== undefined) return responder.request(found.id);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const said = await channels.decide('http', undo, { by, kind: 'undo' });
    expect(said.counted).toBe(false);
    // Time has passed meanwhile: the undo period may be over.
    expect((await codes())?.at(-1)).toBe(code);
  });
});

describe('an approver who is named by the playbook', () => {
  it('is checked, too', async () => {
    const channels = await EveryChannel.start({
      playbook: [
        [
          'approvers:\n        groups:',
          `approvers:\n        people:\n          - { id: ${idOf('Noor Haddad')}, name: Noor Haddad }\n        groups:`,
        ],
      ],
      change: (tenant) => Object.assign(userOf(tenant, 'Noor Haddad') ?? {}, { accountEnabled: false }),
    });
    try {
      const request = await channels.responder.asked(await channels.responder.deliver(), 'analysts');
      const said = await channels.decide('cli', request, { by: 'Noor Haddad' });
      expect(said).toMatchObject({ counted: false, text: expect.stringContaining('account-disabled') });
    } finally {
      await channels.stop();
    }
  });
});

describe('where the directory does not say what an account is', () => {
  it('decisions are refused, and the same decision is accepted once it does', async () => {
    const channels = await EveryChannel.start();
    const { responder } = channels;
    try {
      const request = await responder.asked(await responder.deliver(), 'analysts');
      const decision = { by: 'Robin Keller', id: 'the-same' } as const;
      silent(responder, 'Robin Keller');
      const first = await channels.decide('http', request, decision);
      expect(first).toMatchObject({ counted: false, text: expect.stringContaining('membership-unknown') });
      expect((await channels.decide('http', request, decision)).counted).toBe(true);
    } finally {
      await channels.stop();
    }
  });
});

describe('with four eyes, the first of two is not what they were when the second votes', () => {
  let channels: EveryChannel;
  let events: unknown[];
  beforeAll(async () => {
    channels = await EveryChannel.start({
      playbook: [['deadline: 4h', 'deadline: 4h\n      fourEyes: true']],
      change: (tenant) => {
        tenant.groups.find(({ id }) => id === GROUP)?.members.push(idOf('Noor Haddad'));
        events = [...FATES, 'down'].map(() => anotherIncident(tenant));
      },
    });
  });
  afterAll(() => channels.stop());
  const first = 'Robin Keller';

  it.each(FATES)(
    '%s: the vote is void, every view shows it, and a third completes the quorum',
    async (_what, code, befall) => {
      const { responder, teams } = channels;
      const before = structuredClone(responder.tenant());
      const acts = () => responder.effects().filter(({ host }) => host !== 'smba.trafficmanager.net').length;
      const actsBefore = acts();
      const request = await responder.asked(await responder.deliver(events.shift()), 'analysts');
      expect((await channels.decide('page', request, { by: first })).counted).toBe(true);
      responder.simulator.update((tenant: Tenant) => befall(tenant, first));
      const second = await channels.decide('teams', request, { by: 'Local analyst' });
      responder.simulator.update((tenant: Tenant) => {
        Object.assign(tenant, { users: before.users, groups: before.groups });
      });

      const now = await responder.request(request.approval.id);
      expect(now.approval).toMatchObject({ state: 'waiting', selected: [] });
      expect(now.approval.votes.map(({ by, voided }) => [by.name, voided?.code])).toEqual([
        [first, code],
        ['Local analyst', undefined],
      ]);
      const words = 'no longer counts';
      const card = await teams.card(words);
      const page = await channels.look('Local analyst', `/approvals/${request.approval.id}`);
      const { json } = await responder.call('GET', `/api/approvals/${request.approval.id}/audit`);
      for (const text of [second.text, shown(card), page, JSON.stringify(json)])
        expect(text).toContain(words);
      expect(json.entries).toContainEqual(
        expect.objectContaining({ event: 'voided', by: expect.objectContaining({ name: first }) }),
      );
      expect(acts()).toBe(actsBefore);

      expect((await channels.decide('service-bus', now, { by: 'Noor Haddad' })).counted).toBe(true);
      const end = await responder.request(request.approval.id);
      expect(end.approval.state).toBe('approved');
    },
  );

  it('unknown: the second is refused and may come again, and nothing is done', async () => {
    const { responder } = channels;
    const request = await responder.asked(await responder.deliver(events.shift()), 'analysts');
    await channels.decide('http', request, { by: first });
    silent(responder, first);
    const decision = { by: 'Noor Haddad', id: 'again' } as const;
    const second = await channels.decide('http', request, decision);
    expect(second).toMatchObject({ counted: false, text: expect.stringContaining('may still decide') });
    expect((await responder.request(request.approval.id)).approval.votes).toHaveLength(1);
    expect((await channels.decide('http', request, decision)).counted).toBe(true);
    expect((await responder.request(request.approval.id)).approval.state).toBe('approved');
  });
});
