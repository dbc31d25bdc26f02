/** Who may decide is asked of the directory when it counts: for the decider, and again for everybody who voted before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOORS, EveryDoor } from './every-door.js';
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
/** The directory does not answer about a person, however often one decision makes it be asked. */
const silent = (responder: Responder, by: Analyst) =>
  responder.simulator.addFault({
    host: 'graph.microsoft.com',
    path: new RegExp(`/users/${idOf(by)}$`),
    times: 3,
    answer: { kind: 'status', status: 503 },
  });

describe.each(FATES)('an approver who is %s', (_what, code, befall) => {
  const by = 'Robin Keller';
  let doors: EveryDoor;
  let request: Request;
  beforeAll(async () => {
    doors = await EveryDoor.start();
    request = await doors.responder.asked(await doors.responder.deliver(), 'analysts');
    // Has signed in, has the page open and a token that is still good.
    doors.responder.simulator.update((tenant: Tenant) => befall(tenant, by));
  });
  afterAll(() => doors.stop());
  const codes = async () =>
    (await doors.responder.caseFile(request.instanceId))?.decisions.map((one) => one.verdict.code);

  it.each(DOORS)('does not decide through %s, whatever it is', async (door) => {
    const before = (await codes())?.length ?? 0;
    for (const kind of ['approve', 'reject', 'extend'] as const) {
      const said = await doors.decide(door, request, { by, kind, reason: 'A test.' });
      expect([kind, said.counted]).toEqual([kind, false]);
    }
    expect((await codes())?.slice(before)).toEqual([code, code, code]);
    expect(doors.responder.effects().filter(({ host }) => host !== 'smba.trafficmanager.net')).toEqual([]);
  });

  it('does not undo either', async () => {
    const { responder } = doors;
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
    const said = await doors.decide('http', undo, { by, kind: 'undo' });
    expect(said.counted).toBe(false);
    // Time ran on meanwhile: what was to be undone may be over.
    expect((await codes())?.at(-1)).toBe(code);
  });
});

describe('an approver who is named by the playbook', () => {
  it('is asked about, too', async () => {
    const doors = await EveryDoor.start({
      playbook: [
        [
          'approvers:\n        groups:',
          `approvers:\n        people:\n          - { id: ${idOf('Noor Haddad')}, name: Noor Haddad }\n        groups:`,
        ],
      ],
      change: (tenant) => Object.assign(userOf(tenant, 'Noor Haddad') ?? {}, { accountEnabled: false }),
    });
    try {
      const request = await doors.responder.asked(await doors.responder.deliver(), 'analysts');
      const said = await doors.decide('cli', request, { by: 'Noor Haddad' });
      expect(said).toMatchObject({ counted: false, text: expect.stringContaining('account-disabled') });
    } finally {
      await doors.stop();
    }
  });
});

describe('where the directory does not say what an account is', () => {
  it('nobody decides, and the same decision counts once it does', async () => {
    const doors = await EveryDoor.start();
    const { responder } = doors;
    try {
      const request = await responder.asked(await responder.deliver(), 'analysts');
      const wish = { by: 'Robin Keller', id: 'the-same' } as const;
      silent(responder, 'Robin Keller');
      const first = await doors.decide('http', request, wish);
      expect(first).toMatchObject({ counted: false, text: expect.stringContaining('membership-unknown') });
      expect((await doors.decide('http', request, wish)).counted).toBe(true);
    } finally {
      await doors.stop();
    }
  });
});

describe('with four eyes, the first of two is not what they were when the second votes', () => {
  let doors: EveryDoor;
  let events: unknown[];
  beforeAll(async () => {
    doors = await EveryDoor.start({
      playbook: [['deadline: 4h', 'deadline: 4h\n      fourEyes: true']],
      change: (tenant) => {
        tenant.groups.find(({ id }) => id === GROUP)?.members.push(idOf('Noor Haddad'));
        events = [...FATES, 'down'].map(() => anotherIncident(tenant));
      },
    });
  });
  afterAll(() => doors.stop());
  const first = 'Robin Keller';

  it.each(FATES)(
    '%s: the vote is void, that is said everywhere, and a third completes it',
    async (_what, code, befall) => {
      const { responder, teams } = doors;
      const before = structuredClone(responder.tenant());
      const acts = () => responder.effects().filter(({ host }) => host !== 'smba.trafficmanager.net').length;
      const actsBefore = acts();
      const request = await responder.asked(await responder.deliver(events.shift()), 'analysts');
      expect((await doors.decide('page', request, { by: first })).counted).toBe(true);
      responder.simulator.update((tenant: Tenant) => befall(tenant, first));
      const second = await doors.decide('teams', request, { by: 'Local analyst' });
      responder.simulator.update((tenant: Tenant) => {
        Object.assign(tenant, { users: before.users, groups: before.groups });
      });

      const now = await responder.request(request.approval.id);
      expect(now.approval).toMatchObject({ state: 'waiting', selected: [] });
      expect(now.approval.votes.map(({ by, voided }) => [by.name, voided?.code])).toEqual([
        [first, code],
        ['Local analyst', undefined],
      ]);
      const words = 'does not count any more';
      const card = await teams.card(words);
      const page = await doors.look('Local analyst', `/approvals/${request.approval.id}`);
      const { json } = await responder.call('GET', `/api/approvals/${request.approval.id}/audit`);
      for (const text of [second.text, shown(card), page, JSON.stringify(json)])
        expect(text).toContain(words);
      expect(json.entries).toContainEqual(
        expect.objectContaining({ event: 'voided', by: expect.objectContaining({ name: first }) }),
      );
      expect(acts()).toBe(actsBefore);

      expect((await doors.decide('service-bus', now, { by: 'Noor Haddad' })).counted).toBe(true);
      const end = await responder.request(request.approval.id);
      expect(end.approval.state).toBe('approved');
    },
  );

  it('unknown: the second is refused and may come again, and nothing is done', async () => {
    const { responder } = doors;
    const request = await responder.asked(await responder.deliver(events.shift()), 'analysts');
    await doors.decide('http', request, { by: first });
    silent(responder, first);
    const wish = { by: 'Noor Haddad', id: 'again' } as const;
    const second = await doors.decide('http', request, wish);
    expect(second).toMatchObject({ counted: false, text: expect.stringContaining('may still decide') });
    expect((await responder.request(request.approval.id)).approval.votes).toHaveLength(1);
    expect((await doors.decide('http', request, wish)).counted).toBe(true);
    expect((await responder.request(request.approval.id)).approval.state).toBe('approved');
  });
});
