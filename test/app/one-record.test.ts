/** The target is the record that the approver sees: all identifiers belong to it, and it has one name everywhere. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { atRisk, BRANCH, DANA, entity, LEE, signedIn, WS } from './one-record.js';
import { Responder, type ResponderOptions, type Tenant } from './responder.js';
import { TeamsResponder } from './teams/teams.js';

async function start(options: ResponderOptions): Promise<Responder> {
  const responder = await Responder.start(options);
  onTestFinished(() => responder.stop());
  return responder;
}
const about = (...entities: ReturnType<typeof entity>[]) => ({
  change: (tenant: Tenant) => {
    atRisk(tenant);
    const [incident] = tenant.incidents;
    if (incident) incident.entities = [...entities];
  },
});
const wsBranch = { additionalData: { MdatpDeviceId: BRANCH.id, FQDN: WS.computerDnsName } };
const danaLee = { accountName: 'dana.ortiz', upnSuffix: 'contoso.com', aadUserId: LEE.id };
const ws = {
  hostName: 'ws-fin-0142',
  dnsDomain: 'corp.contoso.com',
  additionalData: { MdatpDeviceId: WS.id },
};

describe('an entity whose identifiers disagree', () => {
  it.each([
    ['a host with the id of one machine and the full name of another', [['Host', wsBranch]], [WS, BRANCH]],
    [
      'a host whose host name and domain are another machine than its full name',
      [['Host', { ...ws, additionalData: { FQDN: BRANCH.computerDnsName } }]],
      [WS, BRANCH],
    ],
    [
      'a host that says one id beside the others and another one among its additional data',
      [['Host', { mdatpDeviceId: WS.id, ...wsBranch }]],
      [WS, BRANCH],
    ],
    [
      'an account with the object id of one user and the sign-in name of another',
      [['Account', danaLee]],
      [DANA, LEE],
    ],
    [
      'two entities that share an id, and of which one has the name of another machine',
      [
        ['Host', ws],
        ['Host', { additionalData: { MdatpDeviceId: WS.id, FQDN: BRANCH.computerDnsName } }],
      ],
      [WS, BRANCH],
    ],
    [
      'two accounts that become one by a sign-in name, and of which one has the identifier of another user',
      [
        ['Account', { accountName: 'dana.ortiz', upnSuffix: 'contoso.com', aadUserId: DANA.id }],
        [
          'Account',
          {
            accountName: 'dana.ortiz',
            upnSuffix: 'contoso.com',
            sid: 'S-1-5-21-1000000001-1000000002-1000000003-1143',
          },
        ],
      ],
      [DANA, LEE],
    ],
  ] as const)('%s: nothing is done, and the case names which', async (_what, entities, records) => {
    const responder = await start({
      ...about(...entities.map(([kind, properties]) => entity(kind, properties))),
      nobodyIsThere: true,
    });
    const file = await responder.ended(await responder.deliver());
    expect(responder.effects()).toEqual([]);
    expect(file.plan?.steps).toEqual([]);
    expect(file.outcome).toBe('needs-analyst');
    const [refused] = file.plan?.refused ?? [];
    expect(refused?.code).toBe('identifiers-disagree');
    const comment = responder.comment();
    for (const record of records) {
      const name =
        'computerDnsName' in record
          ? record.computerDnsName
          : (record as { userPrincipalName?: string }).userPrincipalName;
      for (const words of [String(name), record.id]) {
        expect(refused?.reason).toContain(words);
        expect(comment).toContain(words);
      }
    }
  });
});

describe('the record of a step', () => {
  const alias = { accountName: 'd.ortiz', upnSuffix: 'contoso.com', aadUserId: DANA.id, ntDomain: 'CORP' };
  const words = `dana.ortiz@contoso.com (${DANA.id}), in the incident “d.ortiz@contoso.com”`;
  const withAlias = (tenant: Tenant) => {
    about(entity('Account', alias), entity('Host', ws)).change(tenant);
    Object.assign(tenant.users[0] ?? {}, { mail: 'd.ortiz@contoso.com', mailNickname: 'd.ortiz' });
  };
  const machine = `${WS.computerDnsName} (${WS.id})`;

  it('is named by its service, with its id, on every surface', async () => {
    const teams = await TeamsResponder.start({ change: withAlias });
    const { responder } = teams;
    onTestFinished(() => responder.stop());
    const request = await responder.asked(await responder.deliver());
    const { json } = await responder.call('GET', `/api/approvals/${request.approval.id}`);
    const steps = json.steps as { target: string; record: object }[];
    expect(steps.map(({ target }) => target)).toEqual([machine, words]);
    expect(steps[1]?.record).toEqual({
      kind: 'entra.user',
      id: DANA.id,
      name: 'dana.ortiz@contoso.com',
      foundBy: 'object-id',
      certainty: 'certain',
      ids: { onPremisesSecurityIdentifier: 'S-1-5-21-1000000001-1000000002-1000000003-1142' },
      agreed: [`object id ${DANA.id}`, 'user principal name d.ortiz@contoso.com', 'account name d.ortiz'],
      unchecked: ['NT domain CORP'],
    });
    const cookie = await signedIn(responder);
    const page = await responder.fetch(`/approvals/${request.approval.id}`, { headers: { cookie } });
    const card = JSON.stringify((await teams.card(/Isolate/)).activity.attachments[0]?.content);
    for (const surface of [page.text, card, responder.comment()]) {
      for (const text of [
        WS.computerDnsName,
        WS.id,
        'dana.ortiz@contoso.com',
        DANA.id,
        'd.ortiz@contoso.com',
      ]) {
        expect(surface.replaceAll('\\\\', '')).toContain(text);
      }
      expect(surface).toContain('NT domain CORP');
    }
    await responder.decide(request);
    const file = await responder.ended(request.instanceId);
    expect(file.effects.map(({ target, state }) => [target, state])).toEqual([
      [machine, 'confirmed'],
      [words, 'confirmed'],
    ]);
    expect(file.effects[0]?.proof).toContain(machine);
    expect(file.effects[1]?.proof).toContain(`dana.ortiz@contoso.com (${DANA.id})`);
    const audit = file.timeline.map(({ text }) => text).join('\n');
    for (const text of [machine, words]) expect(audit).toContain(text);
    for (const text of [WS.id, DANA.id]) expect(responder.comment()).toContain(text);
  });

  it('shows nothing of a hostile name but what is seen of it', async () => {
    const name = 'ws\u202e<b>\u200bfin\u2066-0142';
    const responder = await start({
      change: (tenant) => {
        about(entity('Host', { additionalData: { MdatpDeviceId: WS.id } })).change(tenant);
        Object.assign(tenant.machines[0] ?? {}, { computerDnsName: name });
      },
    });
    const request = await responder.asked(await responder.deliver());
    expect(request.plan.steps[0]?.target).toBe(`ws<b>fin-0142 (${WS.id})`);
    const page = await responder.fetch(`/approvals/${request.approval.id}`, {
      headers: { cookie: await signedIn(responder) },
    });
    expect(page.text).toContain('ws&lt;b&gt;fin-0142');
    expect(page.text + responder.comment()).not.toMatch(/<b>fin|[\u202e\u200b\u2066]/);
  });
});

describe('between the approval and the act', () => {
  const changes: [string, (tenant: Tenant) => void, RegExp][] = [
    [
      'was renamed',
      ({ machines: [one] }) => Object.assign(one ?? {}, { computerDnsName: 'ws-new.corp.contoso.com' }),
      /its name was .* and is now ws-new/,
    ],
    [
      'was replaced',
      ({ machines: [one] }) =>
        Object.assign(one ?? {}, { aadDeviceId: '00000000-0000-4000-8000-00000000d999' }),
      /its aadDeviceId was/,
    ],
    [
      'was merged into another',
      ({ machines: [one] }) => Object.assign(one ?? {}, { mergedIntoMachineId: BRANCH.id }),
      /merged/,
    ],
    [
      'left Defender',
      ({ machines: [one] }) => Object.assign(one ?? {}, { onboardingStatus: 'CanBeOnboarded' }),
      /not onboarded/,
    ],
    [
      'was set up again',
      ({ machines: [one, two] }) =>
        Object.assign(two ?? {}, {
          computerDnsName: one?.computerDnsName,
          firstSeen: '2026-03-10T08:20:00Z',
          lastSeen: '2026-03-10T08:20:00Z',
        }),
      new RegExp(`set up again.*${BRANCH.id}`),
    ],
    ['was removed', (tenant) => void tenant.machines.shift(), /knows no machine/],
  ];
  it.each(changes)(
    'a device that %s is left unchanged, and this is reported',
    async (_what, change, said) => {
      const responder = await start(about(entity('Host', ws)));
      const request = await responder.asked(await responder.deliver());
      responder.simulator.update(change as (state: never) => void);
      await responder.decide(request);
      const file = await responder.ended(request.instanceId);
      expect(file.effects).toMatchObject([
        { state: 'failed', error: { code: 'target-changed', message: expect.stringMatching(said) } },
      ]);
      expect(responder.tenant().machineActions).toEqual([]);
      expect(responder.comment()).toMatch(/has changed since the approval/);
    },
  );

  it('a user who was deleted is not mistaken for a new one of the same name', async () => {
    const responder = await start(
      about(entity('Account', { accountName: 'dana.ortiz', upnSuffix: 'contoso.com' })),
    );
    const request = await responder.asked(await responder.deliver());
    const sessions = DANA.signInSessionsValidFromDateTime;
    responder.simulator.update(((tenant: Tenant) => {
      Object.assign(tenant.users[0] ?? {}, { id: '00000000-0000-4000-8000-00000000a999' });
    }) as (state: never) => void);
    await responder.decide(request);
    const file = await responder.ended(request.instanceId);
    expect(file.effects).toMatchObject([{ state: 'failed', error: { code: 'target-changed' } }]);
    expect(responder.tenant().users[0]?.signInSessionsValidFromDateTime).toBe(sessions);
  });
});

it('proposes nothing where the service does not say which record it is', async () => {
  const responder = await start({
    ...about(entity('Host', ws)),
    nobodyIsThere: true,
    playbook: [['device.onboardingStatus == "Onboarded" && !device.isServer && (', '"all" == "all" || (']],
    faults: [
      {
        host: 'api.security.microsoft.com',
        path: /machines/,
        method: 'GET',
        times: 999,
        answer: { kind: 'status', status: 500 },
      },
    ],
  });
  const file = await responder.ended(await responder.deliver());
  expect(file.plan?.steps).toEqual([]);
  expect(file.plan?.refused[0]).toMatchObject({
    code: 'target-unknown',
    reason: expect.stringContaining('could not be looked up'),
  });
  expect(responder.tenant().machineActions).toEqual([]);
});
