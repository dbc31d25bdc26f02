/** Approvers cannot decide about incidents that involve them, under any identifier and through any channel. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANALYSTS, type Analyst, Responder, readEvent, type Tenant } from './responder.js';
import { TeamsResponder } from './teams/teams.js';

const [, ROBIN] = ANALYSTS;
const LEE = { id: '00000000-0000-4000-8000-00000000a002', name: 'Lee Andersen' } as const;
const SAM = '00000000-0000-4000-8000-00000000a103';
const ANALYST_GROUP = '00000000-0000-4000-8000-00000000b101';
const DOMAIN = 'S-1-5-21-1000000001-1000000002-1000000003';

type Properties = Readonly<Record<string, unknown>>;
const directoryNames = (tenant: Tenant, id: string, names: Properties) =>
  Object.assign(tenant.users.find((user) => user.id === id) ?? {}, names);

/** Adds a copy of the fixture's incident for each account, with that account as an entity. Returns their events. */
function incidentsWith(tenant: Tenant, accounts: readonly Properties[]): unknown[] {
  const [first] = tenant.incidents;
  if (first === undefined) throw new Error('no incident');
  return accounts.map((properties, i) => {
    const name = `00000000-0000-4000-8000-0000000021${String(i).padStart(2, '0')}`;
    const entity = {
      kind: 'Account',
      name: `00000000-0000-4000-8000-0000000031${String(i).padStart(2, '0')}`,
      properties,
    };
    const own = { ...first.properties, providerIncidentId: `2417${i}` };
    tenant.incidents.push({ ...first, name, properties: own, entities: [...first.entities, entity] });
    return JSON.parse(JSON.stringify(readEvent()).replaceAll(first.name, name)) as unknown;
  });
}
const personal = (tenant: Tenant) =>
  directoryNames(tenant, ROBIN.id, {
    mailNickname: 'robin.k',
    onPremisesSamAccountName: 'rkeller',
    onPremisesDomainName: 'corp.contoso.com',
    onPremisesSecurityIdentifier: `${DOMAIN}-2001`,
    proxyAddresses: ['smtp:r.keller@contoso.com'],
  });

describe('an approver is part of the incident', () => {
  const theirs: readonly (readonly [string, Properties])[] = [
    ['by the name they sign in with', { accountName: 'robin.keller', upnSuffix: 'contoso.com' }],
    ['by another address', { accountName: 'r.keller@contoso.com' }],
    ['by their name in the domain', { accountName: 'rkeller', upnSuffix: 'corp.contoso.com' }],
    ['by their security identifier', { accountName: 'x', sid: `${DOMAIN}-2001` }],
    ['by DOMAIN\\name', { accountName: 'CORP\\RKELLER' }],
    ['by a bare name', { accountName: 'rkeller' }],
    ['by a bare mail nickname', { accountName: 'robin.k' }],
    ['by a bare beginning of their sign-in name', { accountName: 'robin.keller' }],
    ['by a name in a domain that the directory does not know', { accountName: 'rkeller@old.contoso.com' }],
  ];
  const others: readonly (readonly [string, Properties])[] = [
    ['with an object id', { accountName: 'rkeller', aadUserId: SAM }],
    ['with a sign-in name that the directory knows', { accountName: 'rkeller@fabrikam.com' }],
    ['with another identifier of the same domain', { accountName: 'rkeller', sid: `${DOMAIN}-2002` }],
  ];
  let responder: Responder;
  let events: unknown[];
  beforeAll(async () => {
    responder = await Responder.start({
      change: (tenant) => {
        personal(tenant);
        directoryNames(tenant, SAM, { userPrincipalName: 'rkeller@fabrikam.com' });
        events = incidentsWith(
          tenant,
          [...theirs, ...others].map(([, properties]) => properties),
        );
      },
    });
  });
  afterAll(async () => {
    expect(responder.simulator.unknownCalls()).toEqual([]);
    await responder.stop();
  });
  const asked = async (i: number) => responder.asked(await responder.deliver(events[i]));

  it.each(theirs.map(([how], i) => [how, i] as const))('%s: they do not decide', async (_how, i) => {
    const before = responder.effects().length;
    const request = await asked(i);
    const { json } = await responder.decide(request, { by: 'Robin Keller' });
    expect(json.code).toBe('own-incident');
    const file = await responder.caseFile(request.instanceId);
    expect(file?.decisions.map(({ outcome }) => outcome.code)).toEqual(['own-incident']);
    expect(responder.effects()).toHaveLength(before);
    // Other approvers can decide.
    expect((await responder.decide(request, { kind: 'reject', reason: 'A test.' })).json.code).toBe(
      'rejected',
    );
  });

  it.each(others.map(([how], i) => [how, theirs.length + i] as const))(
    'only by the name of somebody else %s: they decide',
    async (_how, i) => {
      const { json } = await responder.decide(await asked(i), {
        by: 'Robin Keller',
        kind: 'reject',
        reason: 'A test.',
      });
      expect(json.code).toBe('rejected');
    },
  );
});

describe('somebody who reports to an approver is part of the incident, and policy says that this counts', () => {
  const report: readonly (readonly [string, Properties])[] = [
    ['by a bare name', { accountName: 'sokafor' }],
    ['by their security identifier', { accountName: 'x', sid: `${DOMAIN}-3001` }],
    ['by the name they sign in with', { accountName: 'sam.okafor', upnSuffix: 'contoso.com' }],
  ];
  let responder: Responder;
  let events: unknown[];
  beforeAll(async () => {
    responder = await Responder.start({
      playbook: [['channel: soc-incidents', 'managers: may-not-decide\n      channel: soc-incidents']],
      settings: { LOCAL_ANALYSTS: JSON.stringify([LEE, ...ANALYSTS]) },
      change: (tenant) => {
        tenant.groups.find(({ id }) => id === ANALYST_GROUP)?.members.push(LEE.id);
        directoryNames(tenant, '00000000-0000-4000-8000-00000000a001', { managerId: undefined });
        directoryNames(tenant, SAM, {
          managerId: LEE.id,
          onPremisesSamAccountName: 'sokafor',
          onPremisesSecurityIdentifier: `${DOMAIN}-3001`,
        });
        events = incidentsWith(
          tenant,
          report.map(([, properties]) => properties),
        );
      },
    });
  });
  afterAll(() => responder.stop());

  it.each(report.map(([how], i) => [how, i] as const))('%s', async (_how, i) => {
    const request = await responder.asked(await responder.deliver(events[i]));
    // The default token of the command line is that of the first analyst.
    const lee = await responder.decide(request, {});
    expect(lee.json).toMatchObject({
      code: 'own-incident',
      detail: expect.stringContaining('reports to you'),
    });
    expect((await responder.decide(request, { by: 'Robin Keller' })).json.code).toBe('approved');
  });

  it('and no one decides while the directory cannot resolve the reporting line', async () => {
    const event = { ...readEvent() };
    responder.simulator.addFault({
      host: 'graph.microsoft.com',
      path: /directReports/,
      times: 3,
      answer: { kind: 'status', status: 503 },
    });
    const request = await responder.asked(await responder.deliver(event));
    expect((await responder.decide(request, { by: 'Kim Larsen' })).json.code).toBe('membership-unknown');
  });
});

describe('through every other channel', () => {
  it.each<[string, Properties | undefined, Analyst | undefined]>([
    ['an approver whose bare name is in the incident', { accountName: 'rkeller' }, undefined],
    ['an approver who had it handled', undefined, 'Robin Keller'],
  ])('%s does not decide', async (_who, properties, submittedBy) => {
    let events: unknown[] = [];
    const teams = await TeamsResponder.start({
      change: (tenant) => {
        personal(tenant);
        if (properties !== undefined) events = incidentsWith(tenant, [properties]);
      },
    });
    const { responder } = teams;
    const instanceId = await responder.deliver(events[0], submittedBy);
    const clicked = await teams.click(await teams.card('Approval needed'), { by: 'Robin Keller' });
    expect(clicked.text).toContain('another approver must decide');

    const request = await responder.asked(instanceId);
    const page = `/approvals/${request.approval.id}`;
    const form = (path: string, fields: Readonly<Record<string, string>>, cookie = '') =>
      responder.fetch(path, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: responder.host.url,
          cookie,
        },
        body: new URLSearchParams(fields).toString(),
      });
    const signedIn = await form('/sign-in', { token: responder.linkToken, analyst: ROBIN.id });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { text } = await responder.fetch(page, { headers: { cookie } });
    const fields = [...text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    const decided = await form(
      page,
      { ...Object.fromEntries(fields), kind: 'reject', reason: 'A test.' },
      cookie,
    );
    expect(decided.status).toBe(403);
    expect(decided.text).toContain('another approver must decide');

    const file = await responder.caseFile(instanceId);
    expect(file?.decisions.map(({ decision, outcome }) => [decision.by.channel, outcome.code])).toEqual([
      ['teams', 'own-incident'],
      ['web', 'own-incident'],
    ]);
    expect(responder.effects().filter(({ host }) => host !== 'smba.trafficmanager.net')).toEqual([]);
    await teams.stop();
  });
});
