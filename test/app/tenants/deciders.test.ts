/** Only people and programs of the tenant of an incident decide about it, although the other tenant has the same ones. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signMessage } from '../../../src/approvals/index.js';
import { INBOX_EVENT } from '../../../src/domain/approval.js';
import { ANALYSTS, type Request, until } from '../responder.js';
import { type Card, type ChannelMessage, shown } from '../teams/teams.js';
import { BOTS, MARKERS, otherOf, SIGNING_KEY, TENANT_IDS, TwoTenants, type Which } from './two-tenants.js';

const CHANNEL = '19:0000000000000000000000000000c001@thread.tacv2';
const [ANALYST, SECOND] = [ANALYSTS[0], ANALYSTS[1]];
let two: TwoTenants;
let requests: Record<Which, Request>;

beforeAll(async () => {
  two = await TwoTenants.start();
  // The group has the same id in both tenants, and other members.
  two.simulators.b.update((state: { groups: { members: string[] }[] }) => {
    for (const group of state.groups) group.members = group.members.filter((id) => id !== SECOND.id);
  });
  await announce('a', 'https://smba.trafficmanager.net/emea/');
  requests = { a: await two.asked('a'), b: await two.asked('b') };
});
afterAll(() => two.stop());

const fileOf = async (which: Which) =>
  (await two.call(which, 'GET', `/api/incidents/${requests[which].instanceId}`)).json as {
    decisions: { decision: { id: string; by: object }; outcome: { accepted: boolean; code: string } }[];
    refusedDecisions?: object;
  };
const decisionsOf = async (which: Which) => (await fileOf(which)).decisions;
const messagesOf = (which: Which) =>
  (two.simulators[which].state() as { channelMessages: ChannelMessage[] }).channelMessages;
const cardOf = (which: Which) =>
  until('a card', async () =>
    messagesOf(which).find(({ activity }) => JSON.stringify(activity).includes('sentinel.approve')),
  );

/** Teams names the address of its service to a bot. */
function announce(which: Which, serviceUrl: string) {
  const { teams } = two.simulators[which];
  const tenant = { id: TENANT_IDS[which] };
  const activity = {
    ...{ type: 'installationUpdate', action: 'add', serviceUrl, from: { id: '29:x' } },
    recipient: { id: `28:${BOTS[which]}` },
    conversation: { id: CHANNEL, tenantId: tenant.id },
    channelData: { tenant, team: { id: '19:team' }, channel: { id: CHANNEL } },
  };
  const token = teams.token({ claims: { serviceurl: serviceUrl } });
  return teams.send(`${two.responder.host.url}/api/messages`, activity, `Bearer ${token}`);
}

/** A decision as the app signs it, from someone who got past every channel. */
async function past(which: Which, id: string, by: { readonly tenantId?: string }): Promise<string> {
  const { approval, instanceId } = requests[which];
  const at = new Date(two.responder.now()).toISOString();
  const decision = {
    ...({ id, requestId: approval.id, kind: 'extend', revision: approval.revision, at } as const),
    steps: [],
    planHash: approval.planHash,
    by: { kind: 'person', objectId: ANALYST.id, name: ANALYST.name, channel: 'http', ...by } as const,
  };
  const message = signMessage({ kind: 'decision', instanceId, sequence: `${at} ${id}`, decision }, [
    SIGNING_KEY,
  ]);
  const { keys } = two.responder.host;
  await two.responder.fetch(
    `/runtime/webhooks/durabletask/instances/${instanceId}/raiseEvent/${INBOX_EVENT}?code=${keys.system}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
    },
  );
  const found = await until('the evaluation', async () =>
    (await decisionsOf(which)).find(({ decision }) => decision.id === id),
  );
  return found.outcome.code;
}

it('the object id and the group of an approver count in the own tenant only', async () => {
  expect(await past('b', 'of-a', { tenantId: TENANT_IDS.a })).toBe('not-an-approver');
  expect(await past('b', 'of-none', {})).toBe('not-an-approver');
  const asked = () => two.simulators.b.calls().filter(({ path }) => path.includes('checkMemberGroups'));
  expect(asked()).toEqual([]);
  expect(await past('b', 'of-b', { tenantId: TENANT_IDS.b })).toBe('extended');
  expect(asked()).not.toEqual([]);
});

it('a person who is in the group in one tenant is not in that of the other', async () => {
  const decide = (which: Which) => {
    const { approval } = requests[which];
    const authorization = `Bearer ${two.tokenOf(which, SECOND.id)}`;
    return two.responder.call(
      'POST',
      `/api/approvals/${approval.id}/extend`,
      {},
      {
        headers: { authorization, 'if-match': requests[which].etag },
      },
    );
  };
  expect((await decide('b')).json).toMatchObject({ code: 'not-an-approver' });
  expect((await decide('a')).json).toMatchObject({ code: 'extended' });
  expect((await decisionsOf('a')).at(-1)?.decision.by).toMatchObject({ tenantId: TENANT_IDS.a });
});

it('a token counts only with the keys and the app of the tenant that it names', async () => {
  const issuer = (which: Which) => `https://login.microsoftonline.com/${TENANT_IDS[which]}/v2.0`;
  const { a } = two.simulators;
  const get = (token: string) =>
    two.responder.call('GET', '/api/incidents', undefined, { headers: { authorization: `Bearer ${token}` } });
  const of = (audience: Which, claims: object) =>
    a.signIn.userToken(ANALYST.id, two.clients[audience], { claims: { ...claims } });
  expect((await get(of('a', {}))).status).toBe(200);
  for (const token of [
    of('b', {}),
    of('b', { tid: TENANT_IDS.b }),
    of('b', { tid: TENANT_IDS.b, iss: issuer('b') }),
    of('a', { tid: TENANT_IDS.b, iss: issuer('b') }),
    of('a', { tid: TENANT_IDS.b }),
    of('a', { tid: '00000000-0000-4000-8000-0000000009ac' }),
  ]) {
    expect((await get(token)).json).toMatchObject({ code: 'token-refused' });
  }
});

it('a sender of the queue decides about its own tenant, and passes on people of it', async () => {
  const { a, b } = requests;
  const unknown = { code: 'unknown-request', reason: 'There is no request with this id.' };
  expect(await two.decideInQueue('a', b, { id: 'one' })).toMatchObject(unknown);
  const person = (which: Which) => two.tokenOf(which);
  expect(await two.decideInQueue('a', b, { id: 'two', person: person('a') })).toMatchObject(unknown);
  expect(await two.decideInQueue('a', b, { id: 'three', person: person('b') })).toMatchObject({
    code: 'person-token',
  });
  expect(await two.decideInQueue('a', a, { id: 'four', person: person('b') })).toMatchObject({
    code: 'person-token',
  });
  // The policy lets no program decide: the refusal is one of the evaluation.
  expect(await two.decideInQueue('a', a, { id: 'five' })).toMatchObject({ code: 'not-an-approver' });
  expect((await decisionsOf('a')).at(-1)?.decision.by).toMatchObject({ tenantId: TENANT_IDS.a });
  expect((await fileOf('b')).refusedDecisions).toBeUndefined();
});

it('each tenant has its cards, in its channel, with its name', async () => {
  for (const which of ['a', 'b'] as const) {
    const text = shown(await cardOf(which));
    expect(text).toContain(MARKERS[which]);
    expect(text).toContain(which === 'a' ? 'Alpha · ' : 'Bravo · ');
    const all = JSON.stringify(messagesOf(which));
    expect(all).not.toContain(MARKERS[otherOf(which)]);
    expect(all).not.toContain(requests[otherOf(which)].instanceId);
  }
});

it('the address that Teams names to the bot of one tenant receives no card of another', async () => {
  const regions = (which: Which) =>
    two.simulators[which].calls().flatMap(({ path }) => /^\/(\w+)\/v3\/conversations/.exec(path)?.[1] ?? []);
  await Promise.all([cardOf('a'), cardOf('b')]);
  expect(new Set(regions('a'))).toEqual(new Set(['emea']));
  expect(new Set(regions('b'))).toEqual(new Set(['teams']));
});

/** A click on a card, sent by a bot. */
async function click(bot: Which, card: ChannelMessage, changes: Readonly<Record<string, unknown>> = {}) {
  const content = card.activity.attachments[0]?.content as Card;
  const { data } = content.actions.find(({ verb }) => verb === 'sentinel.approve') ?? {};
  const tenantId = TENANT_IDS[bot];
  const { text } = await two.simulators[bot].teams.send(`${two.responder.host.url}/api/messages`, {
    ...{ type: 'invoke', name: 'adaptiveCard/action', id: `click-${bot}`, replyToId: card.id },
    from: { id: '29:x', name: ANALYST.name, aadObjectId: ANALYST.id },
    recipient: { id: `28:${BOTS[bot]}` },
    conversation: { id: card.conversationId, tenantId },
    channelData: { tenant: { id: tenantId }, channel: { id: CHANNEL } },
    value: {
      action: { type: 'Action.Execute', verb: 'sentinel.approve', data: { ...data, selection: '0' } },
    },
    ...changes,
  });
  return text;
}

it('a click in one tenant on a card of the other says nothing, and is recorded nowhere', async () => {
  const card = await cardOf('b');
  const text = await click('a', card);
  expect(text).toContain('This card belongs to an unknown request.');
  const own = { recipient: { id: `28:${BOTS.b}` } };
  expect(await click('a', card, own)).toContain('another app');
  const tenant = { id: TENANT_IDS.b };
  const claimed = {
    conversation: { id: card.conversationId, tenantId: tenant.id },
    channelData: { tenant, channel: { id: CHANNEL } },
  };
  expect(await click('a', card, claimed)).toContain('home organisation');
  expect(await click('a', card, { ...own, ...claimed })).toContain('home organisation');
  expect((await fileOf('b')).refusedDecisions).toBeUndefined();
});

it('a click in the own tenant decides, and acts in that tenant only', async () => {
  const effects = (which: Which) => two.simulators[which].calls().filter(({ path }) => /isolate/.test(path));
  const text = await click('b', await cardOf('b'));
  expect(text).not.toMatch(/Decision refused|unknown request/);
  await until('the decision', async () =>
    (await decisionsOf('b')).find(({ outcome }) => outcome.code === 'approved'),
  );
  await until('the isolation', async () => effects('b')[0]);
  expect(effects('a')).toEqual([]);
  expect((await decisionsOf('a')).some(({ outcome }) => outcome.code === 'approved')).toBe(false);
});
