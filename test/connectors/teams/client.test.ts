import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChannelAddress } from '../../../src/connectors/teams/index.js';
import { CHANNEL, OTHER_CHANNEL, type RunningTeams, startTeams, TENANT } from './contoso.js';

const SERVICE = 'smba.trafficmanager.net';
const channel: ChannelAddress = {
  serviceUrl: 'https://smba.trafficmanager.net/teams/',
  tenantId: TENANT,
  channelId: CHANNEL,
};
const message = (text: string) => ({
  summary: 'Approval needed',
  card: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text }] },
});

let running: RunningTeams;
beforeEach(async () => {
  running = await startTeams();
});
afterEach(async () => {
  expect(running.simulator.unknownCalls()).toEqual([]);
  await running.simulator.stop();
});
const posted = () =>
  (running.simulator.state() as { channelMessages: { id: string; activity: object; versions: number }[] })
    .channelMessages;
const calls = (method: string) =>
  running.simulator.calls().filter((call) => call.host === SERVICE && call.method === method).length;

describe('the bot', () => {
  it('posts a card into a channel, changes it, and answers in its thread', async () => {
    const { client } = running.teams;
    const at = await client.post(channel, message('one'));
    expect(at.conversationId).toBe(`${CHANNEL};messageid=${at.activityId}`);
    await client.update(at, message('two'));
    expect(posted()).toMatchObject([{ id: at.activityId, versions: 2 }]);
    expect(JSON.stringify(posted()[0]?.activity)).toContain('"text":"two"');
    const reply = await client.reply(at, 'isolated');
    expect(posted()).toMatchObject([{}, { id: reply.activityId, activity: { text: 'isolated' } }]);
  });

  it.each([
    ['without the app', OTHER_CHANNEL, 'forbidden'],
    ['that does not exist', '19:0000000000000000000000000000dead@thread.tacv2', 'forbidden'],
  ])('cannot post to a channel %s', async (_, channelId, code) => {
    const post = running.teams.client.post({ ...channel, channelId }, message('x'));
    await expect(post).rejects.toMatchObject({
      info: { code, retry: 'no', serviceCode: 'BotNotInConversationRoster' },
    });
    expect(calls('POST')).toBe(1);
  });

  it('gets an error for a card that no longer exists', async () => {
    const at = await running.teams.client.post(channel, message('one'));
    const update = running.teams.client.update({ ...at, activityId: '1' }, message('two'));
    await expect(update).rejects.toMatchObject({ info: { code: 'not-found', retry: 'no' } });
  });

  it.each([
    'https://smba.trafficmanager.net.contoso.com/teams/',
    'http://smba.trafficmanager.net/teams/',
    'https://contoso.com/',
  ])('does not send its token to %s', async (serviceUrl) => {
    const post = running.teams.client.post({ ...channel, serviceUrl }, message('x'));
    await expect(post).rejects.toMatchObject({ info: { code: 'service-url-refused' } });
    expect(running.simulator.calls()).toEqual([]);
  });
});

describe('a transient error', () => {
  it.each([412, 429, 502, 504])('of %i is retried after a wait', async (status) => {
    running.simulator.addFault({ host: SERVICE, path: /./, times: 2, answer: { kind: 'status', status } });
    await running.teams.client.post(channel, message('one'));
    expect(calls('POST')).toBe(3);
    const [first = 0, second = 0] = running.pauses;
    expect([first >= 250 && first <= 500, second >= 500 && second <= 1000]).toEqual([true, true]);
  });

  it('waits as long as the service requests', async () => {
    const answer = { kind: 'status', status: 429, retryAfterSeconds: 3 } as const;
    running.simulator.addFault({ host: SERVICE, path: /./, times: 1, answer });
    await running.teams.client.post(channel, message('one'));
    expect(running.pauses).toEqual([3000]);
  });

  it('with a long wait goes to the caller at once, with the time', async () => {
    const answer = { kind: 'status', status: 429, retryAfterSeconds: 60 } as const;
    running.simulator.addFault({ host: SERVICE, path: /./, times: 1, answer });
    const post = running.teams.client.post(channel, message('one'));
    await expect(post).rejects.toMatchObject({
      info: { code: 'throttled', retry: 'later', retryAfterMs: 60_000 },
    });
    expect(running.pauses).toEqual([]);
  });

  it('that persists fails after four attempts', async () => {
    running.simulator.addFault({
      host: SERVICE,
      path: /./,
      times: 9,
      answer: { kind: 'status', status: 502 },
    });
    const post = running.teams.client.post(channel, message('one'));
    await expect(post).rejects.toMatchObject({ info: { code: 'service-unavailable', retry: 'later' } });
    expect(calls('POST')).toBe(4);
  });

  it.each([400, 403, 500, 503])('of %i is not repeated here', async (status) => {
    running.simulator.addFault({ host: SERVICE, path: /./, times: 1, answer: { kind: 'status', status } });
    await expect(running.teams.client.post(channel, message('x'))).rejects.toMatchObject({
      info: { httpStatus: status },
    });
    expect(calls('POST')).toBe(1);
  });

  it('in the middle of an answer leaves a card, and says that the outcome is unknown', async () => {
    running.simulator.addFault({
      host: SERVICE,
      path: /./,
      times: 1,
      answer: { kind: 'reset', after: 'effect' },
    });
    const post = running.teams.client.post(channel, message('one'));
    await expect(post).rejects.toMatchObject({
      info: { code: 'service-unavailable', retry: 'check-before-retry' },
    });
    expect(posted()).toHaveLength(1);
  });
});
