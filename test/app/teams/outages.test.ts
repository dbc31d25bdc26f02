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
    expect(file.timeline.map(({ text }) => text).join('\n')).toContain('could not be told');
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
  it('nobody can decide, and the same person can when it is back', async () => {
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
    expect(during.text).toContain('This did not count');
    const file = await teams.responder.caseFile(instanceId);
    expect(file?.decisions.at(-1)?.verdict).toMatchObject({ code: 'membership-unknown' });
    const after = await teams.click(card);
    expect(after.text).not.toContain('This did not count');
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
  const tell = (serviceUrl: string, tenant?: string) => {
    const token = teams.responder.simulator.teams.token({ claims: { serviceurl: serviceUrl } });
    return teams.send(update(serviceUrl, tenant), `Bearer ${token}`);
  };
  const regionOfFirstPost = async () => {
    await teams.responder.deliver();
    await teams.card('Approval needed');
    return connectorCalls()[0]?.path.split('/')[1];
  };

  it('is the one that a verified activity told last', async () => {
    teams = await TeamsResponder.start();
    expect((await tell(EMEA)).status).toBe(200);
    expect(await regionOfFirstPost()).toBe('emea');
  });

  it('is not taken from another tenant, nor from whoever is not Teams', async () => {
    teams = await TeamsResponder.start();
    expect((await tell(EMEA, '00000000-0000-4000-8000-00000000ffff')).status).toBe(200);
    expect((await tell('https://smba.trafficmanager.net.contoso.com/')).status).toBe(401);
    expect((await teams.send(update(EMEA), '')).status).toBe(401);
    expect(await regionOfFirstPost()).toBe('teams');
  });

  it('is not taken from the holder of the system key', async () => {
    teams = await TeamsResponder.start();
    const { responder } = teams;
    const told = { serviceUrl: EMEA, installed: true, at: '2026-03-10T08:12:00.000Z' };
    const about = { purpose: 'conversation', instanceId: 'conversations', generation: 1, sequence: 0 };
    const seal = { keyId: '00000000', mac: 'x' };
    const forged = [told, { ...told, channelId: CHANNEL }, { ...about, content: JSON.stringify(told), seal }];
    for (const body of forged) {
      const path = `/runtime/webhooks/durabletask/entities/conversations/teams?op=learn&code=${responder.host.keys.system}`;
      const headers = { 'content-type': 'application/json' };
      const answer = await responder.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(202);
    }
    await responder.host.idle();
    expect(await regionOfFirstPost()).toBe('teams');
    const alarms = responder.events.filter(
      (e) => e.kind === 'log' && /Alarm: .* where Teams is/.test(e.message),
    );
    expect(alarms).toHaveLength(forged.length);
  });
});

describe('a channel', () => {
  it('that the settings do not name is told, and the request waits elsewhere', async () => {
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
