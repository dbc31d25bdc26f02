/** Resolving the target of a response: against the simulated tenant, with the real clients. */
import { describe, expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import type { Response } from '../../src/actions/define.js';
import disable from '../../src/actions/entra/disable-user.js';
import revoke from '../../src/actions/entra/revoke-sessions.js';
import { enrichments } from '../../src/actions/registry.generated.js';
import { resolveTarget, runEnrichment } from '../../src/actions/run.js';
import type { EntityOf } from '../../src/domain/entities.js';
import {
  ADMIN,
  account,
  type Contoso,
  DANA,
  GUEST,
  host,
  MACHINE,
  SHA1,
  SHA256,
  SYNCED,
  TWIN,
  withContoso,
} from './contoso.js';

const DEVICE_ID = '00000000-0000-4000-8000-0000000de001';
const TWIN_ID = '00000000-0000-4000-8000-0000000de002';
const VM = '/subscriptions/x/resourcegroups/rg/providers/microsoft.compute/virtualmachines/ws-fin-0142';
const FQDN = 'ws-fin-0142.corp.contoso.com';
const SID = 'S-1-5-21-1000000001-1000000002-1000000003-1142';
/** Entra's own security identifiers of Dana and of the administrator, from their object ids. */
const CLOUD_SID = { dana: 'S-1-12-1-0-1073741824-128-27262976', admin: 'S-1-12-1-0-1073741824-128-60817408' };

function known(contoso: Contoso): void {
  contoso.change(({ machines, users }) => {
    Object.assign(machines[0] ?? {}, {
      aadDeviceId: DEVICE_ID,
      vmMetadata: { resourceId: VM.toUpperCase() },
    });
    Object.assign(machines[1] ?? {}, { aadDeviceId: TWIN_ID });
    const more = { onPremisesSecurityIdentifier: SID, displayName: 'Dana Ortiz' };
    Object.assign(users[0] ?? {}, more, { mail: 'd.ortiz@contoso.com', mailNickname: 'dortiz' });
    // The directory keeps these after the synchronisation has ended.
    Object.assign(users[3] ?? {}, {
      onPremisesSyncEnabled: false,
      proxyAddresses: ['SMTP:sam@fabrikam.com'],
      onPremisesSamAccountName: 'shybrid',
      onPremisesDomainName: 'corp.contoso.com',
      onPremisesSecurityIdentifier: `${SID}0`,
    });
  });
}
type Entity = EntityOf<'host'> | EntityOf<'account'>;
const find = (response: unknown, entity: object, change = (_contoso: Contoso) => {}) => {
  const result: Promise<unknown>[] = [];
  return withContoso([], async (contoso) => {
    known(contoso);
    change(contoso);
    const { target, name } = response as Response;
    const query = target?.resolver.identify(entity as Entity);
    result.push(
      query?.ok
        ? resolveTarget(response as Response, query.input, contoso.context(name, 'target'))
        : Promise.resolve({ ok: true, value: query }),
    );
    await result[0];
  }).then(() => result[0]);
};
const refused = (code: string, ...words: (string | RegExp)[]) => ({
  ok: true,
  value: { ok: false, code, reason: words.length === 0 ? expect.any(String) : containing(words) },
});
const containing = (words: readonly (string | RegExp)[]) =>
  expect.stringMatching(
    new RegExp(words.map((word) => `(?=.*${typeof word === 'string' ? word : word.source})`).join(''), 's'),
  );
const machine = (id: string) => ({ ok: true, value: { ok: true, input: { machineId: id }, record: { id } } });
const user = (id: string) => ({ ok: true, value: { ok: true, input: { objectId: id }, record: { id } } });
const bare: EntityOf<'host'> = { kind: 'host', key: 'host', display: 'ws', identity: 'strong' };
const unidentified: EntityOf<'account'> = {
  kind: 'account',
  key: 'account',
  display: 'x',
  identity: 'strong',
};
const also = (id: string, value: string) => ({ further: [{ id, value }] });

describe.concurrent('the machine that a response on a host is carried out on', () => {
  it.each([
    ["Defender's id", { mdeId: MACHINE }],
    ["Entra's id", { aadDeviceId: DEVICE_ID }],
    ['the full name', { fqdn: FQDN }],
    ['the Azure resource alone', { azureId: VM }],
    ['the Azure resource beside a name that two machines have', { azureId: VM, hostName: 'ws-fin-0142' }],
    [
      'all of them',
      { mdeId: MACHINE, aadDeviceId: DEVICE_ID, fqdn: FQDN, azureId: VM, hostName: 'ws-fin-0142' },
    ],
    ['an id, with a NetBIOS name', { mdeId: MACHINE, ...also('netBiosName', 'WS-FIN-0142') }],
  ])('is found by %s', async (_by, ids) => {
    expect(await find(isolate, { ...bare, ...ids })).toMatchObject(machine(MACHINE));
  });

  it('is named as Defender names it, with its id, whatever the incident calls it', async () => {
    const { value } = (await find(isolate, { ...host, display: 'DC-01' })) as { value: { input: unknown } };
    expect(value.input).toEqual({ machineId: MACHINE, device: `${FQDN} (${MACHINE})` });
  });

  it.each([
    ['a full name', { fqdn: 'ws-fin-0142.branch.contoso.com' }],
    ["Entra's id", { aadDeviceId: TWIN_ID }],
    ["another of Defender's ids", also('mdeId', TWIN)],
    ["another of Entra's ids", { aadDeviceId: DEVICE_ID, ...also('aadDeviceId', TWIN_ID) }],
    ['another full name', { fqdn: FQDN, ...also('fqdn', 'ws-fin-0142.branch.contoso.com') }],
  ])('is none where %s is that of another machine, and both are named', async (_what, ids) => {
    expect(await find(isolate, { ...bare, mdeId: MACHINE, ...ids })).toMatchObject(
      refused('identifiers-disagree', FQDN, MACHINE, 'ws-fin-0142.branch.contoso.com', TWIN),
    );
  });

  it.each([
    ['a full name', { fqdn: 'ws-9.corp.contoso.com' }],
    ['a host name', { hostName: 'ws-9' }],
    ["Entra's id", { aadDeviceId: '00000000-0000-4000-8000-0000000de009' }],
    ['an Azure resource', { azureId: `${VM}9` }],
    ['a domain', { dnsDomain: 'fabrikam.com' }],
    ['a NetBIOS name', also('netBiosName', 'WS-9')],
    ['something that is no id', also('mdeId', '../../x')],
    ["something that is no id of Entra's", also('aadDeviceId', 'x')],
  ])('is none where %s is no machine of Defender', async (_what, ids) => {
    expect(await find(isolate, { ...bare, mdeId: MACHINE, ...ids })).toMatchObject(
      refused('identifiers-disagree', FQDN, MACHINE, 'does not'),
    );
  });

  it('is not blocked by identifiers that Defender does not have, which are reported', async () => {
    const further = [
      { id: 'ntDomain', value: 'CORP' },
      { id: 'omsAgentId', value: '70fbdad0-7441-4564-b2b5-2b8862d0fee0' },
    ];
    expect(await find(isolate, { ...host, further })).toMatchObject({
      value: {
        ok: true,
        record: {
          agreed: [`Defender device id ${MACHINE}`],
          unchecked: ['NT domain CORP', 'Log Analytics agent id 70fbdad0-7441-4564-b2b5-2b8862d0fee0'],
        },
      },
    });
    const onTwin = { ...bare, mdeId: TWIN, azureId: `${VM}9` };
    expect(await find(isolate, onTwin)).toMatchObject({
      value: { ok: true, record: { id: TWIN, unchecked: [`Azure resource id ${VM.slice(0, 79)}…`] } },
    });
    expect(await find(isolate, { ...onTwin, azureId: VM })).toMatchObject(
      refused('identifiers-disagree', TWIN, MACHINE),
    );
  });

  it('has an unknown domain if it has joined none, unless another machine has that full name', async () => {
    const short = (contoso: Contoso) =>
      contoso.change(({ machines }) => Object.assign(machines[0] ?? {}, { computerDnsName: 'ws-fin-0142' }));
    expect(await find(isolate, { ...host, fqdn: FQDN }, short)).toMatchObject({
      value: { ok: true, record: { id: MACHINE, unchecked: [`full name ${FQDN}`] } },
    });
    const branch = { ...host, fqdn: 'ws-fin-0142.branch.contoso.com' };
    expect(await find(isolate, branch, short)).toMatchObject(refused('identifiers-disagree', TWIN));
  });

  it.each([
    ['no machine has the id', { mdeId: 'ab'.repeat(20) }, 'not-found'],
    ['no machine has the name', { fqdn: 'ws-9.corp.contoso.com' }, 'not-found'],
    ['two have the bare name', { hostName: 'ws-fin-0142' }, 'ambiguous-target'],
    ['only the bare name is known', { hostName: 'srv-file-03' }, 'weak-identity'],
    ['only an Azure resource that Defender does not know', { azureId: `${VM}9` }, 'not-found'],
    [
      'it has more names than anything has',
      {
        mdeId: MACHINE,
        further: Array.from({ length: 60 }, (_, i) => ({ id: 'fqdn', value: `x${i}.contoso.com` })),
      },
      'identifiers-disagree',
    ],
  ])('is none where %s', async (_why, ids, code) => {
    expect(await find(isolate, { ...bare, ...ids })).toMatchObject(refused(code));
  });

  it('is neither of two machines with one full name; both are named', async () => {
    const twins = (contoso: Contoso) =>
      contoso.change(({ machines }) =>
        Object.assign(machines[1] ?? {}, { computerDnsName: FQDN, lastSeen: '2026-01-01T00:00:00Z' }),
      );
    expect(await find(isolate, { ...bare, fqdn: FQDN }, twins)).toMatchObject(
      refused('ambiguous-target', MACHINE, `${TWIN}, Active, last seen 2026-01-01`),
    );
    expect(await find(isolate, { ...bare, fqdn: FQDN, mdeId: TWIN }, twins)).toMatchObject(machine(TWIN));
  });

  it.each([
    [{ onboardingStatus: 'CanBeOnboarded' }, 'unsupported-target'],
    [{ onboardingStatus: null }, 'target-unknown'],
  ])('is none that Defender cannot act on: %j', async (state, code) => {
    const change = (contoso: Contoso) =>
      contoso.change(({ machines }) => Object.assign(machines[0] ?? {}, state));
    expect(await find(isolate, host, change)).toMatchObject(refused(code));
  });
});

describe.concurrent('the user that a response on an account is carried out on', () => {
  it.each([
    ['the object id', { objectId: DANA.toUpperCase() }, DANA],
    ['the sign-in name', { upn: 'Dana.Ortiz@Contoso.com' }, DANA],
    ['the security identifier of the domain', { sid: SID }, DANA],
    ["Entra's own security identifier", { sid: CLOUD_SID.dana }, DANA],
    ['all of them', { objectId: DANA, upn: 'dana.ortiz@contoso.com', sid: SID, name: 'dana.ortiz' }, DANA],
    ['the id and the mail address', { objectId: DANA, upn: 'd.ortiz@contoso.com' }, DANA],
    ['the id and another address', { objectId: SYNCED, upn: 'sam@fabrikam.com' }, SYNCED],
    [
      'the id and the name in the domain',
      { objectId: SYNCED, name: 'SHYBRID', ntDomain: 'corp.contoso.com' },
      SYNCED,
    ],
    ['the id and the display name', { objectId: DANA, ...also('displayName', 'dana  ortiz') }, DANA],
  ])('is found by %s', async (_by, ids, id) => {
    expect(await find(disable, { ...unidentified, ...ids })).toMatchObject(user(id));
  });

  it('is a guest that the incident names by their home address', async () => {
    expect(await find(disable, { ...unidentified, objectId: GUEST, upn: 'ana@fabrikam.com' })).toMatchObject(
      user(GUEST),
    );
  });

  it.each([
    ['the object id', { objectId: ADMIN, upn: 'dana.ortiz@contoso.com' }],
    ["Entra's security identifier", { upn: 'dana.ortiz@contoso.com', ...also('sid', CLOUD_SID.admin) }],
    ['the sign-in name', { objectId: DANA, upn: 'lee.andersen@contoso.com' }],
    ['a second object id', { objectId: DANA, ...also('objectId', ADMIN) }],
    ['a second sign-in name', { upn: 'dana.ortiz@contoso.com', ...also('upn', 'lee.andersen@contoso.com') }],
    ['the account name', { objectId: DANA, name: 'lee.andersen' }],
    ['the display name', { objectId: DANA, ...also('displayName', 'lee.andersen') }],
  ])('is none where %s is that of another user, and both are named', async (_what, ids) => {
    expect(await find(disable, { ...unidentified, ...ids })).toMatchObject(
      refused('identifiers-disagree', 'dana.ortiz@contoso.com', DANA, 'lee.andersen@contoso.com', ADMIN),
    );
  });

  it.each([
    ['a sign-in name', { upn: 'no.one@contoso.com' }],
    ['a security identifier of the domain', { sid: `${SID}9` }],
    ["Windows' own security identifier", also('sid', 'S-1-5-18')],
    ['an object id', also('objectId', '00000000-0000-4000-8000-00000000ffff')],
  ])('is none if %s belongs to no user of the directory', async (_what, ids) => {
    expect(await find(disable, { ...unidentified, objectId: DANA, ...ids })).toMatchObject(
      refused('identifiers-disagree', DANA, 'does not'),
    );
  });

  it("is not the user who has another user's sign-in name as a mail address", async () => {
    const change = (contoso: Contoso) =>
      contoso.change(({ users }) => Object.assign(users[1] ?? {}, { mail: 'dana.ortiz@contoso.com' }));
    const entity = { ...unidentified, objectId: GUEST, upn: 'dana.ortiz@contoso.com' };
    expect(await find(disable, entity, change)).toMatchObject(refused('identifiers-disagree', DANA, GUEST));
  });

  it('is not blocked by identifiers that the directory does not have, which are reported', async () => {
    const further = [{ id: 'puid', value: 'ee3cb2d8' }];
    const entity = { ...account, name: 'DanaOrtiz', ntDomain: 'AzureAD', further };
    expect(await find(disable, entity)).toMatchObject({
      value: {
        ok: true,
        record: { unchecked: ['account name DanaOrtiz', 'NT domain AzureAD', 'PUID ee3cb2d8'] },
      },
    });
  });

  it('is none if only a name is known', async () => {
    const weak = { ...unidentified, identity: 'weak', name: 'dana' };
    expect(await find(disable, weak)).toMatchObject(refused('weak-identity'));
  });

  it('is not a guest, if sessions are to be revoked', async () => {
    expect(await find(revoke, { ...unidentified, objectId: GUEST })).toMatchObject(
      refused('unsupported-target'),
    );
    expect(await find(disable, { ...unidentified, objectId: GUEST })).toMatchObject(user(GUEST));
  });
});

describe.concurrent('what an enrichment is about', () => {
  const run = (name: string, entity: object, change = (_contoso: Contoso) => {}) => {
    const action = enrichments.find((one) => one.name === name);
    if (action === undefined) throw new Error(`no enrichment ${name}`);
    const result: unknown[] = [];
    return withContoso([], async (contoso) => {
      known(contoso);
      change(contoso);
      const query = action.resolver.identify(entity as never);
      result.push(
        query.ok ? await runEnrichment(action, query.input, contoso.context(name, 'target')) : query,
      );
    }).then(() => result[0]);
  };
  const file = (...hashes: EntityOf<'file'>['hashes']): EntityOf<'file'> => ({
    kind: 'file',
    key: 'file',
    display: 'finsync.exe',
    identity: 'strong',
    name: 'finsync.exe',
    hashes,
  });
  const OTHER = 'ab5e0001'.repeat(8);

  it.each([
    ['defender.device', { ...host, fqdn: 'ws-fin-0142.branch.contoso.com' }],
    ['defender.vulnerabilities', { ...host, aadDeviceId: TWIN_ID }],
    ['entra.user', { ...account, upn: 'lee.andersen@contoso.com' }],
    ['entra.risk', { ...account, upn: 'lee.andersen@contoso.com' }],
    ['logs.sign-ins', { ...account, upn: 'lee.andersen@contoso.com' }],
  ])('is the same record as a response would be carried out on: %s', async (name, entity) => {
    expect(await run(name, entity)).toMatchObject({
      ok: false,
      error: { code: 'identifiers-disagree', retry: 'no' },
    });
  });

  it('is said with what was found', async () => {
    expect(await run('defender.device', host)).toMatchObject({
      record: { kind: 'defender.machine', id: MACHINE, name: FQDN },
    });
    expect(await run('entra.risk', account)).toMatchObject({ record: { kind: 'entra.user', id: DANA } });
  });

  it('is one file: hashes of two are refused, also where Defender knows only one of them', async () => {
    const two = (contoso: Contoso) =>
      contoso.change(({ files }) =>
        files.push({ ...files[0], sha1: 'ab5e0001aa'.repeat(4), sha256: OTHER } as never),
      );
    const sha256 = { algorithm: 'sha256', value: SHA256 } as const;
    const good = { algorithm: 'sha1', value: SHA1 } as const;
    const foreign = { algorithm: 'sha1', value: 'ab5e0001aa'.repeat(4) } as const;
    expect(await run('defender.file', file(sha256, good), two)).toMatchObject({
      ok: true,
      record: { id: SHA256 },
    });
    for (const hashes of [
      [sha256, foreign],
      [{ ...sha256, value: 'ee'.repeat(32) }, good],
      [sha256, { ...sha256, value: OTHER }],
    ] as const) {
      expect(await run('defender.file', file(...hashes), two)).toMatchObject({
        ok: false,
        error: { code: 'identifiers-disagree' },
      });
    }
    expect(await run('defender.file', file({ algorithm: 'md5', value: 'c0ffee01'.repeat(4) }))).toMatchObject(
      {
        ok: false,
        code: 'target-unknown',
      },
    );
  });

  it('is a public address only, and the one that was asked for', async () => {
    const ip = { kind: 'ip', key: 'ip', display: '', identity: 'strong', address: '203.0.113.77' } as const;
    expect(await run('sentinel.ip-geo', { ...ip, scope: 'private' })).toMatchObject({
      code: 'unsupported-target',
    });
    expect(await run('sentinel.ip-geo', { ...ip, scope: 'public' })).toMatchObject({
      ok: true,
      record: { id: ip.address },
    });
  });
});
