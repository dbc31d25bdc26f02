/** Clicks on an outdated card, and clicks whose evaluation takes long. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ResponderOptions, Tenant } from '../responder.js';
import { until } from '../responder.js';
import { shown, TeamsResponder } from './teams.js';

const CARD = 'application/vnd.microsoft.card.adaptive';
const FOUR_EYES = ['deadline: 4h', 'deadline: 4h\n      fourEyes: true'] as const;

let teams: TeamsResponder;
let instanceId: string;
afterEach(async () => {
  expect(teams.responder.simulator.unknownCalls()).toEqual([]);
  await teams.stop();
});
async function start(options: ResponderOptions = {}) {
  teams = await TeamsResponder.start(options);
  instanceId = await teams.responder.deliver();
  return teams.card('Approval needed');
}
const caseFile = async () => {
  const file = await teams.responder.caseFile(instanceId);
  if (file === undefined) throw new Error('no case file');
  return file;
};
const closeInSentinel = () =>
  teams.responder.simulator.update((state: Tenant) => {
    for (const { properties } of state.incidents) properties.status = 'Closed';
  });
/** Effects on the tenant, without the calls of the bot. */
const effects = () => teams.responder.effects().filter(({ host }) => host !== 'smba.trafficmanager.net');

describe('a click on the card of an earlier revision', () => {
  it('is refused with the current state and recorded, and carries out nothing', async () => {
    const earlier = await start({ playbook: [FOUR_EYES] });
    await teams.click(earlier, { selection: '0' });
    await teams.click(earlier, { selection: '1' });
    await until(
      'the next revision',
      async () => (await caseFile()).approvals[0]?.revision === 2 || undefined,
    );
    const seen = await teams.click(earlier, { by: 'Robin Keller', selection: '0' });
    expect(seen).toMatchObject({ status: 200, type: CARD });
    expect(seen.text).toContain('now at revision 2');
    expect(seen.text).toContain('1 of 2 approved');
    const { decisions, approvals } = await caseFile();
    expect(decisions.at(-1)).toMatchObject({
      decision: { revision: 1, by: { name: 'Robin Keller' } },
      outcome: { accepted: false, code: 'stale-revision' },
    });
    expect(approvals[0]).toMatchObject({ revision: 2, state: 'waiting' });
    expect(effects()).toEqual([]);

    // The others now see a card of the current revision, and their click is accepted.
    const now = await teams.card('1 of 2 approved');
    expect((await teams.click(now, { by: 'Robin Keller', selection: '1' })).text).toContain('Approved by');
    const file = await teams.responder.ended(instanceId);
    expect(file.effects.map(({ stepId }) => stepId)).toEqual([approvals[0]?.stepIds[1]]);
  });
});

describe('a click after the end', () => {
  it('gets the current card, is recorded, and carries out nothing', async () => {
    const card = await start();
    await teams.click(card, { verb: 'sentinel.reject', reason: 'A test of the backup team.' });
    await teams.responder.ended(instanceId);
    await until('the instance to be over', async () => {
      const { json } = await teams.responder.call('GET', '/api/incidents');
      const [one] = json.incidents as { runtimeStatus: string }[];
      return one?.runtimeStatus === 'Completed' || undefined;
    });
    const seen = await teams.click(card, { by: 'Robin Keller' });
    expect(seen).toMatchObject({ status: 200, type: CARD });
    expect(seen.text).toContain('Decision refused');
    expect(seen.text).toContain('Rejected');
    const kept = await until('the audit', async () => (await caseFile()).refusedDecisions?.kept);
    expect(kept).toMatchObject([{ code: 'ended', kind: 'approve', by: { name: 'Robin Keller' } }]);
    expect(effects()).toEqual([]);
  });
});

describe('a click whose evaluation takes longer than Teams waits', () => {
  it('is answered before the evaluation ends, and the card changes for all afterwards', async () => {
    const card = await start({
      introspection: {
        onActivity: ({ name }) => (name === 'evaluateDecision' ? { kind: 'delay', ms: 60_000 } : undefined),
      },
    });
    // The first click of a day fetches the Bot Connector's keys.
    await teams.click(card, { verb: 'sentinel.refresh' });
    const seen = await teams.send(teams.activity(card, { selection: '0' }));
    expect(seen).toMatchObject({ status: 200, type: CARD });
    expect(seen.text).toMatch(/Recorded.{0,4} It is being evaluated/);
    expect((await caseFile()).decisions).toEqual([]);
    expect(effects()).toEqual([]);

    const file = await teams.responder.ended(instanceId);
    expect(file.decisions).toMatchObject([{ outcome: { accepted: true, code: 'approved' } }]);
    const done = await teams.card('Done and proved');
    expect(done.id).toBe(card.id);
    expect(shown(done)).not.toContain('Recorded');
  });
});

describe('once the incident was closed in Sentinel', () => {
  it('a click carries out nothing, is recorded, and the card shows that to everyone', async () => {
    const card = await start();
    closeInSentinel();
    const seen = await teams.click(card, { selection: '0' });
    expect(seen).toMatchObject({ status: 200, type: CARD });
    expect(seen.text).toContain('The incident was closed in the meantime');
    const file = await teams.responder.ended(instanceId);
    expect(file).toMatchObject({
      outcome: 'incident-closed',
      approvals: [{ state: 'superseded' }],
      decisions: [{ outcome: { accepted: false, code: 'superseded' } }],
      effects: [],
    });
    const closed = await teams.card('Superseded');
    expect(closed.id).toBe(card.id);
    expect(shown(closed)).not.toContain('sentinel.approve');
    expect(effects()).toEqual([]);
  });

  it('the deadline contains nothing, and the card says so to all', async () => {
    const card = await start({
      playbook: [
        [
          'onDeadline: do-nothing\n      moreTime',
          'onDeadline: contain\n      containFor: 8h\n      moreTime',
        ],
        [
          '    tier: analysts\n    why: >-\n      The account was active',
          '    tier: leads\n    why: >-\n      The account was active',
        ],
        ['fourEyes: true', 'fourEyes: false'],
      ],
    });
    closeInSentinel();
    const file = await teams.responder.ended(instanceId);
    expect(file.outcome).toBe('incident-closed');
    expect(file.approvals.map(({ state }) => state)).toEqual(['superseded', 'superseded']);
    expect(file.effects).toEqual([]);
    await until(
      'both cards',
      async () => teams.cards().every((one) => shown(one).includes('Superseded')) || undefined,
    );
    expect(teams.cards().map(({ id }) => id)).toContain(card.id);
    expect(effects()).toEqual([]);
  });
});
