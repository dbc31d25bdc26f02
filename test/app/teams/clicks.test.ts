import type { TokenChange } from 'tenant-simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ANALYSTS, DEVICE, until } from '../responder.js';
import { type ChannelMessage, type Click, shown, TENANT, TeamsResponder } from './teams.js';

const CARD = 'application/vnd.microsoft.card.adaptive';
const MESSAGE = 'application/vnd.microsoft.activity.message';

describe('in Teams', () => {
  let teams: TeamsResponder;
  let instanceId: string;
  let card: ChannelMessage;
  beforeEach(async () => {
    teams = await TeamsResponder.start({ comesBack: true });
    instanceId = await teams.responder.deliver();
    card = await teams.card('Approval needed');
  });
  afterEach(async () => {
    expect(teams.responder.simulator.unknownCalls()).toEqual([]);
    await teams.stop();
  });

  it('a person selects one of two steps and approves: it is carried out, and the card changes for all', async () => {
    const seen = await teams.click(card, { selection: '0' });
    expect(seen).toMatchObject({ status: 200, type: CARD });
    expect(seen.text).toMatch(/Approved by Local analyst|Being carried out/);
    const file = await teams.responder.ended(instanceId);
    expect(file.effects.map(({ state }) => state)).toEqual(['confirmed']);
    const done = await teams.card('Done and proved');
    expect(done.id).toBe(card.id);
    expect(teams.cards()).toHaveLength(1);
    expect(shown(done)).toContain('Not approved');
    expect(file.decisions[0]?.decision.by).toMatchObject({ channel: 'teams', name: 'Local analyst' });
  });

  it('a rejection needs a reason and ends the request', async () => {
    const without = await teams.click(card, { verb: 'sentinel.reject' });
    expect(without).toMatchObject({ status: 200, type: CARD });
    expect(without.text).toContain('Decision refused');
    const seen = await teams.click(card, { verb: 'sentinel.reject', reason: 'A test of the backup team.' });
    expect(seen.text).toContain('Rejected');
    const file = await teams.responder.ended(instanceId);
    expect(file.outcome).toBe('rejected');
    expect(shown(await teams.card('Rejected'))).toContain('A test of the backup team');
  });

  it('what was done can be undone by another decision', async () => {
    await teams.click(card, { selection: '0' });
    teams.responder.leave();
    const done = await teams.card('sentinel.undo');
    const seen = await teams.click(done, { verb: 'sentinel.undo', selection: '0', by: 'Robin Keller' });
    expect(seen).toMatchObject({ type: CARD });
    expect(seen.text).not.toContain('Decision refused');
    teams.responder.leave();
    await teams.card('Was undone');
    expect(teams.responder.tenant().machines.find(({ id }) => id === DEVICE)?.isolated).toBe(false);
  });

  it('the deadline can be extended', async () => {
    const seen = await teams.click(card, { verb: 'sentinel.extend' });
    expect(seen.text).toContain('extended the deadline');
    expect((await teams.responder.asked(instanceId)).approval.extensions).toHaveLength(1);
  });

  it('no one decides in time', async () => {
    await teams.responder.ended(instanceId);
    const expired = await teams.card('Expired');
    const late = await teams.click(card);
    expect(late).toMatchObject({ status: 200, type: CARD });
    expect(late.text).toContain('Expired');
    expect(late.text).toContain('Decision refused');
    expect(shown(expired)).not.toContain('sentinel.approve');
    const texts = teams.messages().flatMap(({ activity }) => activity.text ?? []);
    expect(texts.filter((text) => text.startsWith('Reminder'))).not.toEqual([]);
    expect(texts.filter((text) => text.startsWith('Escalated'))).toHaveLength(1);
    expect(teams.responder.effects().filter(({ host }) => host === 'api.security.microsoft.com')).toEqual([]);
  });

  it('two people approve the same selection where policy wants four eyes', async () => {
    await teams.stop();
    teams = await TeamsResponder.start({
      change: ({ users }) => {
        for (const user of users as { risk?: { riskLevel: string } }[]) {
          if (user.risk !== undefined) user.risk.riskLevel = 'high';
        }
      },
    });
    instanceId = await teams.responder.deliver();
    const leads = await teams.card('Tier leads');
    expect(shown(leads)).toContain('Needs **2** approvers, each a different person');
    const first = await teams.click(leads, { selection: '0' });
    expect(first.text).toContain('1 of 2 approved');
    await teams.card('1 of 2 approved');
    const again = await teams.click(leads, { selection: '0' });
    expect(again.text).toContain('Decision refused');
    expect(teams.responder.tenant().users.every(({ accountEnabled }) => accountEnabled)).toBe(true);
    const second = await teams.click(leads, { selection: '0', by: 'Kim Larsen' });
    expect(second.text).toMatch(/Approved by Local analyst .{0,20}Teams.{0,5}, Kim Larsen/);
    await teams.responder.ended(instanceId);
    await teams.card(/Done and proved.*Tier leads/);
    expect(teams.responder.tenant().users.filter(({ accountEnabled }) => !accountEnabled)).toHaveLength(1);
  });

  it('the same delivery counts once, and two clicks at once are one decision', async () => {
    const activity = teams.activity(card, { selection: '0' });
    const seen = await Promise.all([
      teams.send(activity),
      teams.send(activity),
      teams.click(card, { selection: '0' }),
    ]);
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200]);
    const file = await teams.responder.ended(instanceId);
    expect(file.decisions.filter(({ outcome }) => outcome.accepted)).toHaveLength(1);
    const kept = [...file.decisions.map(({ decision }) => decision), ...(file.refusedDecisions?.kept ?? [])];
    expect(new Set(kept.map(({ id }) => id)).size, 'two clicks, one of them delivered twice').toBe(2);
    expect(teams.responder.tenant().machineActions.filter(({ type }) => type === 'Isolate')).toHaveLength(1);
  });

  it('the losing click gets the true state', async () => {
    await teams.click(card, { selection: '0' });
    const late = await teams.click(card, { selection: '0,1', by: 'Robin Keller' });
    expect(late).toMatchObject({ status: 200, type: CARD });
    expect(late.text).toContain('Decision refused');
    expect(late.text).toMatch(/Being carried out|Done and proved/);
  });

  it('a refresh shows the card and decides nothing', async () => {
    const seen = await teams.click(card, { verb: 'sentinel.refresh' });
    expect(seen).toMatchObject({ type: CARD });
    expect((await teams.responder.caseFile(instanceId))?.decisions).toEqual([]);
  });

  it('a card that a repeated post left behind is accepted, and updated from then on', async () => {
    // As after a lost response: the card exists, but the responder does not have its id.
    teams.responder.simulator.update((state: { channelMessages: ChannelMessage[] }) => {
      const id = String(Number(card.id) + 1);
      const conversationId = card.conversationId.replace(card.id, id);
      state.channelMessages.push({ ...card, id, conversationId });
    });
    const orphan = teams.cards().find(({ id }) => id !== card.id);
    if (orphan === undefined) throw new Error('no second card');
    await teams.click(orphan, { selection: '0' });
    await teams.responder.ended(instanceId);
    await until('both cards', async () =>
      teams.cards().every((one) => shown(one).includes('Done and proved')) ? true : undefined,
    );
  });
});

describe('a click does not count', () => {
  let teams: TeamsResponder;
  let instanceId: string;
  let card: ChannelMessage;
  beforeAll(async () => {
    teams = await TeamsResponder.start();
    instanceId = await teams.responder.deliver();
    card = await teams.card('Approval needed');
  });
  afterAll(async () => {
    const file = await teams.responder.caseFile(instanceId);
    expect(file?.decisions.filter(({ outcome }) => outcome.accepted)).toEqual([]);
    expect(file?.effects).toEqual([]);
    await teams.stop();
  });
  const refusedSoFar = async () => (await teams.responder.caseFile(instanceId))?.refusedDecisions?.kept ?? [];
  /** Checks that the click is not evaluated. With a code it is recorded for the audit; without one, its request is unknown. */
  const expectNotEvaluated = async (click: Click, text: RegExp, code?: string) => {
    const evaluated = (await teams.responder.caseFile(instanceId))?.decisions.length;
    const before = (await refusedSoFar()).length;
    const seen = await teams.click(card, click);
    expect(seen).toMatchObject({ status: 200, type: MESSAGE });
    expect(seen.text).toMatch(text);
    await teams.responder.host.idle();
    expect((await teams.responder.caseFile(instanceId))?.decisions.length).toBe(evaluated);
    const kept = (await refusedSoFar()).slice(before);
    expect(kept).toMatchObject(
      code === undefined ? [] : [{ code, kind: 'approve', revision: click.data?.rev ?? 1 }],
    );
    return kept[0]?.by;
  };
  const personal = { id: 'a:personal-chat', conversationType: 'personal', tenantId: TENANT };
  const channelData = (tenant: string, channel: string) => ({
    tenant: { id: tenant },
    channel: { id: channel },
  });
  const FOREIGN = '00000000-0000-4000-8000-00000000ffff';
  const SAM = '00000000-0000-4000-8000-00000000a103';
  const OTHER = '19:0000000000000000000000000000dead@thread.tacv2';

  it.each([
    ['from a chat', { conversation: personal }, /channel that it was posted to/, 'foreign-place'],
    [
      'from another channel',
      { channelData: channelData(TENANT, OTHER), conversation: { id: OTHER, tenantId: TENANT } },
      /channel that it was posted to/,
      'foreign-place',
    ],
    [
      'for another bot',
      { recipient: { id: '28:00000000-0000-4000-8000-00000000dead' } },
      /another app/,
      'foreign-bot',
    ],
    ['hours ago', { timestamp: '2026-03-10T04:12:00Z' }, /too old/, 'old-click'],
    ['at no time', { timestamp: 'yesterday' }, /too old/, 'old-click'],
  ])('%s, and is recorded under the name that Teams gives', async (_, change, text, code) => {
    expect(await expectNotEvaluated({ change }, text, code)).toEqual({
      kind: 'person',
      objectId: ANALYSTS[0].id,
      name: 'Local analyst',
      channel: 'teams',
    });
  });

  it('from another tenant, and is recorded with that tenant', async () => {
    const change = { channelData: channelData(FOREIGN, '19:x@thread.tacv2') };
    const by = await expectNotEvaluated({ change }, /home organisation/, 'foreign-tenant');
    expect(by).toMatchObject({ tenantId: FOREIGN, objectId: ANALYSTS[0].id });
  });

  it.each([
    ['without an object id', { from: { id: '29:x', name: 'Local analyst' } }],
    ['by no object id', { from: { id: '29:x', name: 'x', aadObjectId: 'local-analyst' } }],
  ])('%s, and is recorded under no name', async (_, change) => {
    expect(await expectNotEvaluated({ change }, /did not identify you/, 'no-person')).toBeUndefined();
  });

  it.each([
    ['without a card', { replyToId: undefined }],
    ['under another name', { name: 'adaptiveCard/other' }],
  ])('%s', async (_, change) => {
    await expectNotEvaluated({ change }, /not valid/);
  });

  it.each([
    ['with a token that was made up', { tok: 'k1.1.2' }, 'card-malformed'],
    ['with the token of another revision', { rev: 2 }, 'card-forged'],
    ['with a token whose end was moved', { tok: undefined }, 'card-forged'],
    ['with a token of an unknown key', { tok: `kffffffff.9999999999.${'A'.repeat(43)}` }, 'card-unknown-key'],
    ['for a request that there is not', { rid: `incident-${'0'.repeat(40)}.1.analysts` }, undefined],
    ['for something that is no request', { rid: '../../x' }, undefined],
  ])('%s', async (_, data, code) => {
    const { tok } = (teams.activity(card).value as { action: { data: { tok: string } } }).action.data;
    const moved = tok.replace(/\.\d+\./, '.9999999999.');
    const changed = 'tok' in data && data.tok === undefined ? { tok: moved } : data;
    await expectNotEvaluated({ data: changed }, /not issued by this responder|unknown request/, code);
  });

  it('and shows in the audit with nothing of it as markup, cut', async () => {
    const name = `<img src=x onerror=alert(1)>${'x'.repeat(400)}`;
    const from = { id: '29:x', name, aadObjectId: ANALYSTS[1].id };
    const reason = '<script>'.repeat(200);
    await expectNotEvaluated(
      { change: { from, timestamp: 'never' }, reason, selection: '0,'.repeat(900) },
      /too old/,
      'old-click',
    );
    const kept = (await refusedSoFar()).at(-1);
    expect(kept?.by?.name.length).toBeLessThanOrEqual(200);
    expect(kept?.reason?.length).toBeLessThanOrEqual(500);
    expect(kept?.steps).toHaveLength(20);
  });

  it.each([
    ['a step that is not in the plan', { selection: '7' }],
    ['a step by its id', { selection: 'isolate-workstation' }],
    ['nothing', { selection: '' }],
    ['what a prototype holds', { selection: 'constructor' }],
  ])('that selects %s, and is recorded', async (_, click) => {
    const seen = await teams.click(card, click);
    expect(seen).toMatchObject({ status: 200, type: CARD });
    expect(seen.text).toContain('Decision refused');
  });

  it('that exceeds the rate limit, and is not evaluated', async () => {
    const change = { timestamp: 'never', from: { id: '29:x', name: 'Sam Okafor', aadObjectId: SAM } };
    const before = (await refusedSoFar()).length;
    const seen = await Promise.all(Array.from({ length: 62 }, () => teams.click(card, { change })));
    expect(seen.filter(({ text }) => text.includes('too many decisions in the last minute'))).toHaveLength(2);
    await teams.responder.host.idle();
    const file = await teams.responder.caseFile(instanceId);
    expect(file?.refusedDecisions?.kept).toHaveLength(before + 20);
    expect(file?.refusedDecisions?.omitted?.count).toBe(40);
  });

  it('of somebody who is not an approver, and is recorded', async () => {
    const seen = await teams.click(card, { by: 'Noor Haddad' });
    expect(seen.text).toContain('Decision refused');
    const file = await teams.responder.caseFile(instanceId);
    expect(file?.decisions.at(-1)?.outcome).toMatchObject({ accepted: false, code: 'not-an-approver' });
  });

  it.each([
    ['without a token', undefined, ''],
    ['with a token of another bot', { claims: { aud: FOREIGN } }, undefined],
    [
      'with a token of another tenant’s app',
      { claims: { iss: `https://sts.windows.net/${FOREIGN}/` } },
      undefined,
    ],
    ['with an expired token', { claims: { exp: 1 } }, undefined],
    ['with a key that may not speak for Teams', { key: 'other' }, undefined],
    [
      'with a token for another address',
      { claims: { serviceurl: 'https://smba.trafficmanager.net/emea/' } },
      undefined,
    ],
  ] satisfies [string, TokenChange | undefined, string | undefined][])(
    '%s',
    async (_, token, authorization) => {
      const header = authorization ?? `Bearer ${teams.responder.simulator.teams.token(token)}`;
      const seen = await teams.click(card, { authorization: header });
      expect(seen.status).toBe(401);
      expect(seen.text).toBeUndefined();
    },
  );

  it('that claims another channel than Teams', async () => {
    for (const channelId of ['webchat', 'emulator', 'directline', undefined]) {
      expect((await teams.click(card, { change: { channelId } })).status).toBe(401);
    }
  });

  it.each([
    ['text/plain', '{}', 415],
    ['application/json', 'not json', 401],
    ['application/json', '[]', 401],
    ['application/json', 'null', 401],
    ['application/json', `{"x":"${'a'.repeat(70_000)}"}`, 413],
  ])('that is %s %.20s', async (type, body, status) => {
    const authorization = `Bearer ${teams.responder.simulator.teams.token()}`;
    const headers = { 'content-type': type, authorization, 'x-ms-agents-playground': 'true' };
    const response = await fetch(teams.endpoint, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
  });

  it('when it is only written to the bot', async () => {
    const message = { type: 'message', text: 'approve', value: { verb: 'sentinel.approve' } };
    expect(await teams.send({ ...message, from: {}, conversation: {} })).toMatchObject({
      status: 200,
      type: '',
    });
  });
});
