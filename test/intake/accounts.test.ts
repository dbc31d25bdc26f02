/** Accounts in the many forms in which products write them, and those that no one uses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseEntities } from '../../src/intake/entities/index.js';

const OID = '00000000-0000-4000-8000-00000000a001';
const SID = 'S-1-5-21-1000000001-1000000002-1000000003-1142';
const all = (...entities: [kind: string, properties: object][]) =>
  normaliseEntities(entities.map(([kind, properties], i) => ({ name: `e${i}`, kind, properties }))).entities;
const account = (properties: object) => all(['Account', properties])[0];

describe('an account that no one uses is built in', () => {
  it.each([
    ['the system', { accountName: 'SYSTEM', ntDomain: 'NT AUTHORITY', sid: 'S-1-5-18' }],
    ['the system, in German', { accountName: 'SYSTEM', ntDomain: 'NT-AUTORITÄT', sid: 'S-1-5-18' }],
    ['the system, in French', { accountName: 'Système', ntDomain: 'AUTORITE NT', sid: 's-1-5-18' }],
    ['a language unknown here', { accountName: 'ローカル サービス', ntDomain: 'ＮＴ', sid: 'S-1-5-19' }],
    ['its SID alone', { sid: 'S-1-5-20' }],
    ['its SID as the name', { accountName: 'S-1-5-18' }],
    ['its SID as a list', { accountName: 'SYSTEM', sid: '["S-1-5-18"]' }],
    ['the window manager', { accountName: 'DWM-1', ntDomain: 'Window Manager', sid: 'S-1-5-90-0-1' }],
    ['a font driver', { accountName: 'UMFD-0', ntDomain: 'Font Driver Host', sid: 'S-1-5-96-0-0' }],
    ['a service', { accountName: 'MSSQLSERVER', ntDomain: 'NT SERVICE', sid: 'S-1-5-80-1-2-3-4-5' }],
    ['a pool of IIS', { accountName: 'DefaultAppPool', ntDomain: 'IIS APPPOOL', sid: 'S-1-5-82-1-2-3-4-5' }],
    ['a virtual machine', { sid: 'S-1-5-83-1-2-3-4-5' }],
    ['an app container', { sid: 'S-1-15-2-1-2-3-4-5-6-7' }],
    ['a capability', { sid: 'S-1-15-3-1' }],
    ['a logon session', { sid: 'S-1-5-5-0-123456' }],
    ['anonymous', { accountName: 'ANONYMOUS LOGON', sid: 'S-1-5-7' }],
    ['a built-in group', { accountName: 'Administratoren', ntDomain: 'VORDEFINIERT', sid: 'S-1-5-32-544' }],
    ['everyone', { accountName: 'Jeder', sid: 'S-1-1-0' }],
    ['an authority without a SID', { accountName: 'NT-AUTORITÄT\\Netzwerkdienst' }],
  ])('%s', (_what, properties) => {
    expect(account(properties)).toMatchObject({ kind: 'account', identity: 'built-in' });
  });

  it.each([
    ['has a SID of a domain, too', { accountName: 'x', sid: 'S-1-5-18', additionalData: { Sid: SID } }],
    ['is a user of the directory', { aadUserId: OID, sid: 'S-1-5-18' }],
    ['has a sign-in name', { accountName: 'system@contoso.com', sid: 'S-1-5-18' }],
    ['has a sign-in name that ends like a computer', { accountName: 'dana$', upnSuffix: 'contoso.com' }],
    ['is the administrator of a domain', { sid: SID.replace('1142', '500') }],
    ['is a personal account', { sid: 'S-1-11-96-3623454863-58364-18864-2661722203-1597581903' }],
    ['is a user of Samba', { sid: 'S-1-22-1-1000' }],
    ['only looks like a SID', { accountName: 'x', sid: 'S-1-5-18-x' }],
    ['has a domain that only begins so', { accountName: 'x', ntDomain: 'NT AUTHORITY2' }],
    ['is called system', { accountName: 'SYSTEM' }],
    ['is called $', { accountName: '$' }],
  ])('but not one that %s', (_what, properties) => {
    expect(account(properties)?.identity).not.toBe('built-in');
  });

  const WS = { hostName: 'ws-fin-0142', dnsDomain: 'corp.contoso.com' };
  const besideHost = (properties: object, host: object) =>
    all(['Host', host], ['Account', properties]).find(({ kind }) => kind === 'account')?.identity;

  it.each([
    ['of a domain', { accountName: 'WS-FIN-0142$', ntDomain: 'CORP', sid: `${SID}9` }, WS],
    ['without a SID', { accountName: 'CORP\\DC01$' }, { hostName: 'dc01' }],
    ['of a domain that has a dot', { accountName: 'WS-FIN-0142$', ntDomain: 'corp.contoso.com' }, WS],
    ['that runs as the system', { accountName: 'WS-FIN-0142$', ntDomain: 'CORP', sid: 'S-1-5-18' }, WS],
    ['with a long name', { accountName: 'CORP\\WS-FINANCE-DEPT$' }, { hostName: 'ws-finance-dept-01' }],
  ])('a computer of the incident %s', (_what, properties, host) => {
    expect(besideHost(properties, host)).toBe('built-in');
  });

  const MDE = { additionalData: { MdatpDeviceId: '0142fade'.repeat(5) } };
  const FULL = 'ws-fin-0142.corp.contoso.com';
  it.each([
    ['a user of a domain', { accountName: 'backup$', ntDomain: 'CONTOSO', sid: `${SID}9` }, WS],
    ['a user of a domain, without a SID', { accountName: 'CONTOSO\\backup$' }, WS],
    ['a user like a made-up host', { accountName: 'CORP\\BACKUP$', sid: `${SID}9` }, { hostName: 'backup' }],
    ['the renamed administrator', { accountName: 'CORP\\WS-FIN-0142$', sid: SID.replace('1142', '500') }, WS],
    ['a user of Entra', { accountName: 'CORP\\WS-FIN-0142$', sid: 'S-1-12-1-1-2-3-4444' }, WS],
    ['also a person', { accountName: ['WS-FIN-0142$', 'dana'], ntDomain: 'CORP' }, WS],
    ['local', { accountName: 'support$', ntDomain: 'WS-FIN-0142' }, WS],
    ['local, with a SID and no domain', { accountName: 'support$', sid: `${SID}9` }, WS],
    ['local, with a full name as domain', { accountName: 'support$', ntDomain: FULL }, WS],
    ['local, of a host with only an id', { accountName: 'support$', ntDomain: 'WS-FIN-0142' }, MDE],
    ['local, named like the computer', { accountName: 'WS-FIN-0142\\WS-FIN-0142$', sid: `${SID}9` }, WS],
    ['the same, with no domain', { accountName: 'WS-FIN-0142$', sid: `${SID}9` }, WS],
    ['the same, with a full name as domain', { accountName: 'WS-FIN-0142$', ntDomain: FULL }, WS],
    ['the same, with a point as domain', { accountName: '.\\WS-FIN-0142$' }, WS],
    [
      'a user of a domain, beside the SID of the system',
      { accountName: 'CONTOSO\\backup$', sid: 'S-1-5-18' },
      WS,
    ],
    ['a user of no domain, beside that SID', { accountName: 'backup$', sid: 'S-1-5-18' }, WS],
    ['local, beside the SID of the system', { accountName: `${FULL}\\dana`, sid: 'S-1-5-18' }, WS],
  ])('but not a hidden account that is %s', (_what, properties, host) => {
    expect(besideHost(properties, host)).toMatch(/^(weak|strong)$/);
  });

  describe('but a SID of Windows hides no other account of that name', () => {
    const dana = { accountName: 'dana', ntDomain: 'CONTOSO' };
    const system = { ...dana, sid: 'S-1-5-18' };
    const other = { accountName: 'lee', ntDomain: 'contoso', sid: SID };
    it.each([
      ['in another alert', [dana, system]],
      [
        'in another alert, by a bare name',
        [{ accountName: 'dana' }, { accountName: 'dana', sid: 'S-1-5-18' }],
      ],
      ['of a domain that others of the incident are in', [system, other]],
      ['with the same name and two SIDs', [system, { ...dana, sid: SID }]],
    ])('%s', (_where, accounts) => {
      for (const order of [accounts, [...accounts].reverse()]) {
        const found = all(...order.map((one): [string, object] => ['Account', one]));
        expect(found.map(({ identity }) => identity)).not.toContain('built-in');
      }
    });

    it('while the system stays built in beside them', () => {
      const windows = { accountName: 'SYSTEM', ntDomain: 'NT AUTHORITY' };
      const found = all(
        ['Account', { ...windows, sid: 'S-1-5-18' }],
        ['Account', windows],
        ['Account', { accountName: 'CONTOSO\\DC01$', sid: 'S-1-5-18' }],
        ['Account', other],
        ['Host', { hostName: 'dc01' }],
      ).filter(({ kind }) => kind === 'account');
      expect(found.map(({ display, identity }) => [display, identity])).toEqual([
        ['CONTOSO\\DC01$', 'built-in'],
        ['NT AUTHORITY\\SYSTEM', 'built-in'],
        [expect.any(String), 'strong'],
      ]);
    });
  });
});

describe('an account is the same', () => {
  const UPN = { key: 'account:upn:dana.ortiz@contoso.com', identity: 'strong' };
  it.each([
    ['before July 2026', { accountName: 'dana.ortiz@contoso.com' }],
    [
      'before July 2026, with the suffix',
      { accountName: 'dana.ortiz@contoso.com', upnSuffix: 'contoso.com' },
    ],
    [
      'from July 2026 on',
      { accountName: 'dana.ortiz', UPNSuffix: 'contoso.com', UserPrincipalName: 'dana.ortiz@contoso.com' },
    ],
    ['with a domain before the sign-in name', { accountName: 'AzureAD\\Dana.Ortiz@contoso.com' }],
    ['in a claim of SharePoint', { accountName: 'i:0#.f|membership|dana.ortiz@contoso.com' }],
    ['as a list of one', { accountName: '["dana.ortiz@contoso.com"]' }],
    ['as a list of one name', { accountName: ' [ "dana.ortiz" ] ', upnSuffix: ['contoso.com'] }],
  ])('%s', (_when, properties) => {
    expect(account(properties)).toMatchObject(UPN);
    expect(all(['Account', properties], ['Account', { accountName: 'dana.ortiz@contoso.com' }])).toHaveLength(
      1,
    );
  });

  it('as with a suffix as NT domain, where only one account has that sign-in name', () => {
    const suffix = { accountName: 'Dana.Ortiz', ntDomain: 'Contoso.com' };
    const dana = { accountName: 'dana.ortiz@contoso.com', aadUserId: OID };
    expect(all(['Account', suffix], ['Account', dana])).toMatchObject([
      { key: `account:oid:${OID}`, ntDomain: 'Contoso.com' },
    ]);
    expect(all(['Account', suffix])).toMatchObject([{ identity: 'weak', ntDomain: 'Contoso.com' }]);
    expect(all(['Account', { ...suffix, ntDomain: 'CONTOSO' }], ['Account', dana])).toHaveLength(2);
  });

  it('as its security identifier in place of the name', () => {
    expect(account({ accountName: SID })).toMatchObject({
      key: `account:sid:${SID.toLowerCase()}`,
      sid: SID,
    });
  });
});

describe('a list of several names', () => {
  it('loses none: the others are compared with the record', () => {
    expect(account({ accountName: '["dana.ortiz","lee"]', upnSuffix: 'contoso.com' })).toMatchObject({
      upn: 'dana.ortiz@contoso.com',
      further: expect.arrayContaining([{ id: 'upn', value: 'lee@contoso.com' }]),
    });
  });

  it.each(['[', '[]', '["a"', '[1,2', '[["dana"]]', '[{"a":1}]', '[null]'])(
    '%s is no crash',
    (accountName) => {
      expect(all(['Account', { accountName, displayName: 'Dana' }])).toHaveLength(1);
    },
  );

  it('in any place and form gives the same account', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 5 }),
        (names) => {
          const upnSuffix = 'contoso.com';
          const asList = account({ accountName: names, upnSuffix });
          expect(account({ accountName: JSON.stringify(names), upnSuffix })).toEqual(asList);
          const said = JSON.stringify(asList);
          for (const name of names) expect(said).toContain(`${name}@contoso.com`);
        },
      ),
    );
  });
});
