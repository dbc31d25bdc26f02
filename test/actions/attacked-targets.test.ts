/** Entities as an attacker, or a careless rule, would write them: identifiers of another record are never ignored. */
import { describe, expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import type { Response } from '../../src/actions/define.js';
import disable from '../../src/actions/entra/disable-user.js';
import { resolveTarget, runResponse } from '../../src/actions/run.js';
import type { Entity } from '../../src/domain/entities.js';
import { normaliseEntities } from '../../src/intake/entities/index.js';
import { ADMIN, type Contoso, DANA, failing, GRAPH, MACHINE, TENANT, TWIN, withContoso } from './contoso.js';

const SID = 'S-1-5-21-1000000001-1000000002-1000000003-1142';
const CLOUD_SID_OF_ADMIN = 'S-1-12-1-0-1073741824-128-60817408';
const OBJECT_GUID = '03020100-0504-0706-0809-0a0b0c0d0e0f';
const VM = '/subscriptions/x/resourcegroups/rg/providers/microsoft.compute/virtualmachines/ws-fin-0142';
const TWIN_FQDN = 'ws-fin-0142.branch.contoso.com';

type Change = (contoso: Contoso) => void;
function known(contoso: Contoso): void {
  contoso.change(({ machines, users }) => {
    Object.assign(machines[1] ?? {}, { vmMetadata: { resourceId: VM } });
    Object.assign(users[0] ?? {}, { onPremisesDomainName: 'corp.contoso.com' });
    Object.assign(users[2] ?? {}, {
      displayName: 'Lee Andersen',
      onPremisesSecurityIdentifier: SID,
      onPremisesImmutableId: 'AAECAwQFBgcICQoLDA0ODw==',
    });
  });
}
const resolved = async (
  kind: 'Host' | 'Account',
  properties: Record<string, unknown>,
  change: Change = () => {},
) => {
  const [entity] = normaliseEntities([{ kind, name: 'e', properties }]).entities;
  const response = (kind === 'Host' ? isolate : disable) as Response;
  const results: unknown[] = [];
  await withContoso([], async (contoso) => {
    known(contoso);
    change(contoso);
    const query = response.target?.resolver.identify(entity as Entity);
    results.push(
      query?.ok
        ? await resolveTarget(response, query.input, contoso.context(response.name, 'target'))
        : { ok: true, value: query },
    );
  });
  return results[0];
};
const disagree = (...words: string[]) => ({
  ok: true,
  value: {
    ok: false,
    code: 'identifiers-disagree',
    reason: expect.stringMatching(new RegExp(words.map((word) => `(?=.*${word})`).join(''), 's')),
  },
});

describe.concurrent('a host with the id of one machine is no machine where', () => {
  it.each([
    ['its Azure resource is that of another one, and Defender knows none of this one', { azureID: VM }],
    ['what it is shown as is the full name of another one', { friendlyName: TWIN_FQDN.toUpperCase() }],
    ['what it is shown as is another one', { friendlyName: 'srv-file-03' }],
    ['what it is shown as is the id of another one', { friendlyName: TWIN }],
    ['its host name is the id of another one', { hostName: TWIN }],
    ['its full name has letters that only look the same', { FQDN: 'ws-fin-0142.\u0441orp.contoso.com' }],
    ['its name has a letter that becomes the same in another case', { hostName: 'w\u017f-fin-0142' }],
    ['its device id of Entra is that of Defender', { AadDeviceId: MACHINE }],
  ])('%s', async (_what, properties) => {
    const { azureID, ...additionalData } = properties as Record<string, unknown>;
    const raw = {
      ...(azureID ? { azureID } : {}),
      additionalData: { MdatpDeviceId: MACHINE, ...additionalData },
    };
    expect(await resolved('Host', raw)).toMatchObject(disagree(MACHINE));
  });

  it.each([
    ['invisible characters in its name', { hostName: 'ws\u200b-fin\u2060-0142\u00ad' }],
    ['space around its name', { hostName: '  WS-FIN-0142\t' }],
    ['what it is shown as, which is its name', { friendlyName: 'WS-FIN-0142' }],
    ['what it is shown as, which is its full name', { friendlyName: 'ws-fin-0142.corp.contoso.com' }],
    ['what it is shown as, which nothing has', { friendlyName: "Dana's laptop" }],
  ])('but with %s it is that machine', async (_what, more) => {
    expect(await resolved('Host', { ...more, additionalData: { MdatpDeviceId: MACHINE } })).toMatchObject({
      value: { ok: true, record: { id: MACHINE } },
    });
  });
});

describe.concurrent('a NetBIOS name', () => {
  const long: Change = (contoso) =>
    contoso.change(({ machines }) => {
      Object.assign(machines[0] ?? {}, { computerDnsName: 'ws-finance-dept-01.corp.contoso.com' });
      Object.assign(machines[1] ?? {}, { computerDnsName: 'ws-finance-dept-02.corp.contoso.com' });
    });
  const called = (netBiosName: string, more: object = { hostName: 'ws-finance-dept-01' }) =>
    resolved('Host', { ...more, netBiosName, additionalData: { MdatpDeviceId: MACHINE } }, long);

  it('that is longer than such names are is that of one machine only', async () => {
    expect(await called('WS-FINANCE-DEPT-02')).toMatchObject(disagree(MACHINE, TWIN));
    expect(await called('WS-FINANCE-DEPT-01')).toMatchObject({
      value: { ok: true, record: { id: MACHINE } },
    });
  });

  it('is the beginning of a longer name', async () => {
    for (const more of [undefined, {}]) {
      expect(await called('WS-FINANCE-DEPT', more)).toMatchObject({
        value: { ok: true, record: { id: MACHINE } },
      });
    }
    expect(await called('WS-FINANCE-DEP')).toMatchObject(disagree(MACHINE));
  });
});

describe.concurrent('an account with the object id of one user is no user where', () => {
  it.each([
    ['its account name is the object id of another', { accountName: ADMIN }],
    ['its account name is a security identifier of another', { accountName: SID }],
    ["its account name is Entra's security identifier of another", { accountName: CLOUD_SID_OF_ADMIN }],
    ['its display name is the sign-in name of another', { displayName: 'lee.andersen@contoso.com' }],
    ['its display name is the object id of another', { displayName: ADMIN.toUpperCase() }],
    ['its display name is the account name of another', { displayName: 'lee.andersen' }],
    ['what it is shown as is the sign-in name of another', { friendlyName: 'Lee.Andersen@contoso.com' }],
    ['what it is shown as is the name of another', { friendlyName: 'Lee Andersen' }],
    ['what it is shown as is the name of another in a domain', { friendlyName: 'CORP\\lee.andersen' }],
    ['its object GUID on premises is that of another', { objectGuid: OBJECT_GUID }],
    ['its sign-in name is the object id of another', { additionalData: { UserPrincipalName: ADMIN } }],
    ['its object id is also a sign-in name', { additionalData: { AadUserId: 'lee.andersen@contoso.com' } }],
  ])('%s, and both are named', async (_what, properties) => {
    const words = 'aadUserId' in properties ? [DANA] : [DANA, 'lee.andersen@contoso.com'];
    expect(await resolved('Account', { aadUserId: DANA, ...properties })).toMatchObject(disagree(...words));
  });

  it.each([
    ['its tenant is another one', { aadTenantId: '00000000-0000-4000-8000-0000000000ff' }],
    ['its tenant is none', { aadTenantId: 'fabrikam' }],
    ['its suffix alone is none of theirs', { upnSuffix: 'fabrikam.com' }],
    ['its DNS domain is another one', { dnsDomain: 'fabrikam.com' }],
    ['its domain is another one, by its full name', { ntDomain: 'fabrikam.com' }],
    ['its sign-in name has letters that only look the same', { accountName: 'd\u0430na.ortiz@contoso.com' }],
  ])('%s', async (_what, properties) => {
    expect(await resolved('Account', { aadUserId: DANA, ...properties })).toMatchObject(disagree(DANA));
  });

  it.each([
    ['invisible characters', { accountName: 'dana\u200d.ortiz\u2066@contoso.com\ufe0f' }],
    ['another case and space', { accountName: ' DANA.ORTIZ ', upnSuffix: ' @Contoso.com ' }],
    ['their tenant', { aadTenantId: TENANT.toUpperCase() }],
    ['their suffix alone', { upnSuffix: 'contoso.com' }],
    ['their DNS domain', { dnsDomain: 'CORP.contoso.com' }],
    ['a GUID on premises that no user has', { objectGuid: '13020100-0504-0706-0809-0a0b0c0d0e0f' }],
    ['their own object id as account name', { accountName: DANA }],
    ['their own name as what it is shown as', { friendlyName: 'dana.ortiz' }],
  ])('but with %s it is that user', async (_what, more) => {
    expect(await resolved('Account', { aadUserId: DANA, ...more })).toMatchObject({
      value: { ok: true, record: { id: DANA } },
    });
  });

  it('the directory finds a user by a name with a letter that it treats as equal to another', async () => {
    const kim: Change = (contoso) =>
      contoso.change(({ users }) => Object.assign(users[0] ?? {}, { userPrincipalName: 'kim@contoso.com' }));
    const [same, other] = ['Kim@contoso.com', '\u212aim@contoso.com'];
    for (const ids of [{}, { aadUserId: DANA }]) {
      expect(await resolved('Account', { ...ids, accountName: same }, kim)).toMatchObject({
        value: { ok: true },
      });
      expect(await resolved('Account', { ...ids, accountName: other }, kim)).toMatchObject(disagree(DANA));
    }
  });

  it('is not blocked by a suffix that may be the NetBIOS domain, which is reported as unchecked', async () => {
    const raw = { aadUserId: DANA, accountName: 'dana.ortiz', upnSuffix: 'CONTOSO' };
    expect(await resolved('Account', raw)).toMatchObject({
      value: { ok: true, record: { id: DANA, unchecked: ['suffix contoso'] } },
    });
  });

  it.each([
    ['of a security identifier', { sid: SID }],
    ['of an account name', { aadUserId: DANA, accountName: 'somebody' }],
    ['of a display name', { aadUserId: DANA, displayName: 'Somebody' }],
  ])('the directory answers with a part of its users %s', async (_what, properties) => {
    const part = ({ simulator }: Contoso) =>
      simulator.addFault(failing(GRAPH, /^\/v1.0\/users$/, { kind: 'part' }));
    expect(await resolved('Account', properties, part)).toMatchObject({
      ok: false,
      error: { code: 'incomplete-answer' },
    });
  });
});

describe.concurrent('a device that was set up again', () => {
  const again =
    (more: object, before: object = { lastSeen: '2026-03-01T00:00:00Z' }): Change =>
    (contoso) =>
      contoso.change(({ machines }) => {
        Object.assign(machines[0] ?? {}, { aadDeviceId: '00000000-0000-4000-8000-0000000de001' }, before);
        Object.assign(machines[1] ?? {}, {
          firstSeen: '2026-03-02T00:00:00Z',
          lastSeen: '2026-03-10T00:00:00Z',
          ...more,
        });
      });
  const name = { computerDnsName: 'ws-fin-0142.corp.contoso.com' };
  const entraId = { aadDeviceId: '00000000-0000-4000-8000-0000000de001' };
  const byId = { additionalData: { MdatpDeviceId: MACHINE } };

  it.each([
    ['under its name', name],
    ["under its id of Entra's", entraId],
  ])('%s is not acted on by the record that it had before', async (_what, more) => {
    expect(await resolved('Host', byId, again(more))).toMatchObject({
      value: { ok: false, code: 'unsupported-target', reason: expect.stringContaining(TWIN) },
    });
  });

  it.each([
    ['was seen since the other one came', again(name, { lastSeen: '2026-03-03T00:00:00Z' })],
    ['was seen at an unknown time', again(name, {})],
  ])('is another one of its name, where it %s', async (_what, change) => {
    expect(await resolved('Host', byId, change)).toMatchObject({
      value: { ok: true, record: { id: MACHINE } },
    });
  });

  it('between the approval and the act stops the response, with a reason', () =>
    withContoso([], async (contoso) => {
      known(contoso);
      const response = isolate as Response;
      const context = contoso.context(isolate.name, 'target');
      const found = await resolveTarget(response, { mdeId: MACHINE }, context);
      if (!found.ok || !found.value.ok) throw new Error('found');
      again(name)(contoso);
      const { record, input } = found.value;
      expect(await runResponse(response, input, { ...context, record })).toMatchObject({
        ok: false,
        error: { code: 'target-changed', message: expect.stringContaining(TWIN) },
      });
      expect(contoso.writes()).toEqual([]);
    }));
});
