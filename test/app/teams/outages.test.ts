import { afterEach, describe, expect, it } from 'vitest';
import { START, until } from '../responder.js';
import { CHANNEL, shown, TENANT, TeamsResponder } from './teams.js';

const CONNECTOR = 'smba.trafficmanager.net';
let teams: TeamsResponder;
afterEach(async () => {
  expect(teams.responder.simulator.unknownCalls()).toEqual([]);
  await teams.stop();
});
const connectorCalls = () => teams.responder.simulator.calls().filter(({ host }) => host === CONNECTOR);

describe('while Teams is not reachable', () => {
  it('for more than an hour, nothing is lost: the card arrives when it can', async () => {
    const faults = [
      { host: CONNECTOR, path: /./, times: 20, answer: { kind: 'status', status: 503 } },
    ] as const;
    teams = await TeamsResponder.start({ faults, nobodyIsThere: true });
    const instanceId = await teams.responder.deliver();
    const expired = await teams.card('Expired');
    const posted = connectorCalls().find(({ status }) => status === 201);
    expect((posted?.at ?? 0) - START).toBeGreaterThan(3_600_000);
    expect(teams.cards()).toEqual([expired]);
    const file = await teams.responder.ended(instanceId);
    expect(file.timeline.map(({ text }) => text).join('\n')).toContain('Failed to notify the approvers');
    expect(file.outcome).toBe('expired');
  });

  it('people decide elsewhere, and the card shows it afterwards', async () => {
    const faults = [
      { host: CONNECTOR, path: /./, times: 3, answer: { kind: 'reset', after: 'nothing' } },
    ] as const;
    teams = await TeamsResponder.start({ faults });
    const instanceId = await teams.responder.deliver();
    const request = await teams.responder.asked(instanceId);
    const steps = request.approval.stepIds.slice(0, 1);
    expect((await teams.responder.decide(request, { steps })).status).toBeLessThan(300);
    const file = await teams.responder.ended(instanceId);
    expect(file.effects.map(({ state }) => state)).toEqual(['confirmed']);
    expect(shown(await teams.card('Done and proved'))).toContain('command line');
  });

  it('an answer that was lost leaves two cards, and no second question', async () => {
    const faults = [
      { host: CONNECTOR, method: 'POST', path: /./, times: 1, answer: { kind: 'reset', after: 'effect' } },
    ] as const;
    teams = await TeamsResponder.start({ faults, comesBack: true });
    const instanceId = await teams.responder.deliver();
    await teams.card('Approval needed');
    teams.responder.leave();
    const [orphan, known] = await until('two cards', async () =>
      teams.cards().length === 2 ? teams.cards() : undefined,
    );
    expect(known?.id).not.toBe(orphan?.id);
    expect((await teams.responder.caseFile(instanceId))?.approvals).toHaveLength(1);
  });
});

describe('while the directory is not reachable', () => {
  it('decisions are refused, and accepted from the same person once it is back', async () => {
    teams = await TeamsResponder.start();
    const instanceId = await teams.responder.deliver();
    const card = await teams.card('Approval needed');
    teams.responder.simulator.addFault({
      host: 'graph.microsoft.com',
      path: /checkMemberGroups/,
      times: 3,
      answer: { kind: 'status', status: 503 },
    });
    const during = await teams.click(card);
    expect(during.text).toContain('Decision refused');
    const file = await teams.responder.caseFile(instanceId);
    expect(file?.decisions.at(-1)?.outcome).toMatchObject({ code: 'membership-unknown' });
    const after = await teams.click(card);
    expect(after.text).not.toContain('Decision refused');
    expect((await teams.responder.ended(instanceId)).effects).toHaveLength(1);
  });
});

describe('the address of Teams', () => {
  const update = (serviceUrl: string, tenant = TENANT) => ({
    type: 'installationUpdate',
    action: 'add',
    serviceUrl,
    from: { id: '29:x' },
    conversation: { id: CHANNEL, tenantId: tenant },
    channelData: { tenant: { id: tenant }, team: { id: '19:team' }, channel: { id: CHANNEL } },
  });
  const EMEA = 'https://smba.trafficmanager.net/emea/';
  const announce = (serviceUrl: string, tenant?: string) => {
    const token = teams.responder.simulator.teams.token({ claims: { serviceurl: serviceUrl } });
    return teams.send(update(serviceUrl, tenant), `Bearer ${token}`);
  };
  const regionOfFirstPost = async () => {
    await teams.responder.deliver();
    await teams.card('Approval needed');
    return connectorCalls()[0]?.path.split('/')[1];
  };

  it('is the one in the latest verified activity', async () => {
    teams = await TeamsResponder.start();
    expect((await announce(EMEA)).status).toBe(200);
    expect(await regionOfFirstPost()).toBe('emea');
  });

  it('is not accepted from another tenant, nor from callers other than Teams', async () => {
    teams = await TeamsResponder.start();
    expect((await announce(EMEA, '00000000-0000-4000-8000-00000000ffff')).status).toBe(200);
    expect((await announce('https://smba.trafficmanager.net.contoso.com/')).status).toBe(401);
    expect((await teams.send(update(EMEA), '')).status).toBe(401);
    expect(await regionOfFirstPost()).toBe('teams');
  });

  it('is not taken from the holder of the system key', async () => {
    teams = await TeamsResponder.start();
    const { responder } = teams;
    const content = { serviceUrl: EMEA, installed: true, at: '2026-03-10T08:12:00.000Z' };
    const about = {
      purpose: 'conversation',
      instanceId: `conversations-${TENANT}`,
      generation: 1,
      sequence: 0,
    };
    const seal = { keyId: '00000000', mac: 'x' };
    const forged = [
      content,
      { ...content, channelId: CHANNEL },
      { ...about, content: JSON.stringify(content), seal },
    ];
    for (const body of forged) {
      const path = `/runtime/webhooks/durabletask/entities/conversations/${TENANT}?op=learn&code=${responder.host.keys.system}`;
      const headers = { 'content-type': 'application/json' };
      const answer = await responder.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(202);
    }
    await responder.host.idle();
    expect(await regionOfFirstPost()).toBe('teams');
    const alarms = responder.events.filter(
      (e) => e.kind === 'log' && /Alarm: .* Teams service URL/.test(e.message),
    );
    expect(alarms).toHaveLength(forged.length);
  });
});

describe('a channel', () => {
  it('that the settings do not contain is reported, and the request stays open on other channels', async () => {
    teams = await TeamsResponder.start({ settings: { TEAMS_CHANNELS: '{}' } });
    const instanceId = await teams.responder.deliver();
    await teams.responder.asked(instanceId);
    await until('a line about it', async () => {
      const file = await teams.responder.caseFile(instanceId);
      return file?.timeline.find(({ text }) => text.includes('TEAMS_CHANNELS'));
    });
    expect(teams.messages()).toEqual([]);
  });
});
