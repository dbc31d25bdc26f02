import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entity } from '../../src/domain/entities.js';
import { entitySchema } from '../../src/domain/entities.js';
import { normaliseIncident } from '../../src/intake/index.js';

const ID =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights' +
  '/workspaces/law-soc/providers/Microsoft.SecurityInsights/Incidents/00000000-0000-4000-8000-000000002001';
const OID = '00000000-0000-4000-8000-00000000a001';
const SID = 'S-1-5-21-1000000001-1000000002-1000000003-1142';
const MDE = '0142fade'.repeat(5);
const read = (entities: unknown[]) =>
  normaliseIncident({
    incident: { id: ID, properties: { severity: 'High', status: 'New' } },
    alerts: [],
    entities,
  });
const all = (...entities: [kind: string, properties: object][]) =>
  read(
    entities.map(([kind, properties], i) => ({ id: `/x/Entities/e${i}`, name: `e${i}`, kind, properties })),
  ).entities;
const one = (kind: string, properties: object): Entity | undefined => all([kind, properties])[0];
const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`examples/rest-entity-${name}.json`, import.meta.url), 'utf8'));

describe('an account', () => {
  it.each([
    [{ aadUserId: OID.toUpperCase(), sid: SID, accountName: 'dana' }, `account:oid:${OID}`, 'strong'],
    [
      { sid: SID, accountName: 'dana', upnSuffix: 'contoso.com' },
      `account:sid:${SID.toLowerCase()}`,
      'strong',
    ],
    [{ additionalData: { Sid: SID } }, `account:sid:${SID.toLowerCase()}`, 'strong'],
    [{ accountName: 'Dana.Ortiz', upnSuffix: 'Contoso.com' }, 'account:upn:dana.ortiz@contoso.com', 'strong'],
    [
      { accountName: 'dana.ortiz@contoso.com', upnSuffix: 'contoso.com' },
      'account:upn:dana.ortiz@contoso.com',
      'strong',
    ],
    [{ accountName: 'CORP\\Dana.Ortiz' }, 'account:nt:corp\\dana.ortiz', 'weak'],
    [{ accountName: 'Dana.Ortiz', ntDomain: 'CORP', upnSuffix: null }, 'account:nt:corp\\dana.ortiz', 'weak'],
    [{ accountName: 'dana.ortiz', upnSuffix: 'null' }, 'account:name:dana.ortiz', 'weak'],
    [
      { accountName: 'system', ntDomain: 'NT AUTHORITY', sid: 'S-1-5-18' },
      'account:nt:nt authority\\system',
      'built-in',
    ],
    [{ accountName: 'dana', aadUserId: '00000000-0000-0000-0000-000000000000' }, 'account:name:dana', 'weak'],
    [{ accountName: 'dana', aadUserId: 'not a guid' }, 'account:name:dana', 'weak'],
    [{ accountName: `a@${'.'.repeat(60_000)}` }, 'account:name:a', 'weak'],
    [{ accountName: 'a@contoso' }, 'account:name:a', 'weak'],
    [{ accountName: 'a@contoso.' }, 'account:name:a', 'weak'],
  ])('is identified by the best available identifier: %j', (properties, key, identity) => {
    expect(one('Account', properties)).toMatchObject({ kind: 'account', key, identity });
  });

  it.each([
    [{ accountName: 'dana.ortiz', dnsDomain: 'contoso.com' }, 'account:nt:contoso.com\\dana.ortiz', 'weak'],
    [{ accountName: 'dana.ortiz', ntDomain: '@contoso.com' }, 'account:nt:contoso.com\\dana.ortiz', 'weak'],
    [{ accountName: 'dana.ortiz', ntDomain: 'contoso.com.' }, 'account:nt:contoso.com\\dana.ortiz', 'weak'],
    [{ accountName: 'mailto:dana.ortiz@contoso.com' }, 'account:upn:dana.ortiz@contoso.com', 'strong'],
    [{ accountName: 'SMTP:dana.ortiz@contoso.com' }, 'account:upn:dana.ortiz@contoso.com', 'strong'],
    [{ accountName: 'Dana Ortiz <dana.ortiz@contoso.com>' }, 'account:upn:dana.ortiz@contoso.com', 'strong'],
    [{ fullName: 'CORP\\dortiz' }, 'account:nt:corp\\dortiz', 'weak'],
    [
      { accountName: 'dortiz', additionalData: JSON.stringify({ Sid: SID }) },
      `account:sid:${SID.toLowerCase()}`,
      'strong',
    ],
  ])('is known by what is in an unusual field or form: %j', (properties, key, identity) => {
    expect(one('Account', properties)).toMatchObject({ kind: 'account', key, identity });
  });

  it('shows the name of an account without an identifier', () => {
    expect(one('Account', { displayName: 'Dana Ortiz' })).toMatchObject({
      kind: 'other',
      display: 'Dana Ortiz',
    });
  });

  it('is merged from two entities for the same account', () => {
    const both = all(
      ['Account', { accountName: 'dana.ortiz', upnSuffix: 'contoso.com' }],
      ['Account', { aadUserId: OID, accountName: 'dana.ortiz', upnSuffix: 'contoso.com', ntDomain: 'CORP' }],
      ['Account', { accountName: 'dana.ortiz', ntDomain: 'corp' }],
      ['Account', { sid: SID, accountName: 'dana.ortiz', upnSuffix: 'contoso.com' }],
    );
    expect(both).toMatchObject([{ key: `account:oid:${OID}`, sid: SID, upn: 'dana.ortiz@contoso.com' }]);
  });

  it('is not merged if two candidates match, or something contradicts', () => {
    const other = '00000000-0000-4000-8000-00000000a002';
    const upn = { accountName: 'dana.ortiz', upnSuffix: 'contoso.com' };
    expect(
      all(
        ['Account', { ...upn, aadUserId: OID }],
        ['Account', { ...upn, aadUserId: other }],
        ['Account', upn],
      ),
    ).toHaveLength(3);
    expect(
      all(['Account', { sid: SID, ...upn }], ['Account', { aadUserId: OID, sid: `${SID}9`, ...upn }]),
    ).toHaveLength(2);
  });
});

describe('a host', () => {
  const fqdn = 'ws-fin-0142.corp.contoso.com';
  it.each([
    [{ hostName: 'WS', additionalData: { MdatpDeviceId: MDE.toUpperCase() } }, `host:mde:${MDE}`, 'strong'],
    [{ hostName: 'WS', additionalData: { mdatpdeviceid: MDE } }, `host:mde:${MDE}`, 'strong'],
    [{ hostName: 'ws', additionalData: { AadDeviceId: OID } }, `host:aad:${OID}`, 'strong'],
    [{ hostName: 'ws', azureID: '/subscriptions/X/vm1' }, 'host:azure:/subscriptions/x/vm1', 'strong'],
    [{ hostName: 'ws', additionalData: { FQDN: fqdn.toUpperCase() } }, `host:fqdn:${fqdn}`, 'strong'],
    [{ hostName: 'WS-FIN-0142', dnsDomain: 'corp.contoso.com' }, `host:fqdn:${fqdn}`, 'strong'],
    [{ hostName: fqdn, dnsDomain: 'corp.contoso.com' }, `host:fqdn:${fqdn}`, 'strong'],
    [{ hostName: 'WS-FIN-0142' }, 'host:name:ws-fin-0142', 'weak'],
    [{ netBiosName: 'WS-FIN-0142', dnsDomain: '' }, 'host:name:ws-fin-0142', 'weak'],
    [{ hostName: 'ws', additionalData: { MdatpDeviceId: '../../x' } }, 'host:name:ws', 'weak'],
    [{ hostName: 'WS', additionalData: JSON.stringify({ MdatpDeviceId: MDE }) }, `host:mde:${MDE}`, 'strong'],
    [{ hostName: 'CORP\\WS-FIN-0142' }, 'host:name:ws-fin-0142', 'weak'],
    [{ hostName: '\\\\ws-fin-0142' }, 'host:name:ws-fin-0142', 'weak'],
    [{ hostName: 'WS-FIN-0142$', dnsDomain: 'corp.contoso.com' }, `host:fqdn:${fqdn}`, 'strong'],
    [{ fullName: fqdn }, `host:fqdn:${fqdn}`, 'strong'],
    [{ hostName: 'ws', additionalData: { FQDN: '203.0.113.5' } }, 'host:name:ws', 'weak'],
  ])('is identified by the best available identifier: %j', (properties, key, identity) => {
    expect(one('Host', properties)).toMatchObject({ kind: 'host', key, identity });
  });

  it('is merged with its bare name if only one host has that name', () => {
    const strong = {
      hostName: 'ws-fin-0142',
      dnsDomain: 'corp.contoso.com',
      additionalData: { MdatpDeviceId: MDE },
    };
    expect(all(['Host', { hostName: 'WS-FIN-0142' }], ['Host', strong])).toHaveLength(1);
    const twin = { hostName: 'ws-fin-0142', dnsDomain: 'branch.contoso.com' };
    expect(all(['Host', { hostName: 'WS-FIN-0142' }], ['Host', strong], ['Host', twin])).toHaveLength(3);
    expect(all(['Host', strong], ['Host', twin])).toHaveLength(2);
  });

  it('is not identified by an invalid name, or by an address, and shows what it was called', () => {
    for (const hostName of ["x' or 1 eq 1", '203.0.113.5', '\\\\'])
      expect(one('Host', { hostName })).toMatchObject({ kind: 'other', display: hostName });
  });
});

describe('a file', () => {
  const sha256 = { algorithm: 'SHA256', hashValue: 'C0FFEE01'.repeat(8) };
  const md5 = { algorithm: 'MD5', hashValue: 'c0ffee01'.repeat(4) };
  const properties = { fileName: 'finsync.exe', directory: 'C:\\ProgramData' };

  it.each([
    ['by ARM id', ['/x/Entities/e0', '/x/entities/E1']],
    ['by name alone', ['e0', 'e1']],
  ])('has the hashes that it links to %s, best first', (_how, fileHashEntityIds) => {
    const entities = all(
      ['FileHash', md5],
      ['FileHash', sha256],
      ['File', { ...properties, fileHashEntityIds }],
    );
    expect(entities.find(({ kind }) => kind === 'file')).toMatchObject({
      key: `file:sha256:${'c0ffee01'.repeat(8)}`,
      identity: 'strong',
      name: 'finsync.exe',
      directory: 'C:\\ProgramData',
      hashes: [{ algorithm: 'sha256' }, { algorithm: 'md5' }],
    });
  });

  it('is weak without a hash', () => {
    expect(one('File', { ...properties, fileHashEntityIds: ['missing'] })).toMatchObject({
      key: 'file:path:c:\\programdata\\finsync.exe',
      identity: 'weak',
      hashes: [],
    });
  });

  it('has hashes of the length that they should have', () => {
    expect(one('FileHash', { algorithm: 'SHA1', hashValue: 'ab'.repeat(32) })).toMatchObject({
      algorithm: 'other',
    });
    expect(one('FileHash', { algorithm: 'SHA1', hashValue: 'ab'.repeat(20) })).toMatchObject({
      algorithm: 'sha1',
    });
    expect(one('FileHash', { algorithm: 'SHA1', hashValue: '../x' })).toMatchObject({ kind: 'other' });
  });
});

describe('a process', () => {
  it('is named by its image, and is weak without its creation time', () => {
    const entities = all(
      ['File', { fileName: 'cmd.exe' }],
      ['Process', { processId: 4242, commandLine: 'cmd /c x', imageFileEntityId: 'e0' }],
    );
    expect(entities.find(({ kind }) => kind === 'process')).toMatchObject({
      pid: '4242',
      image: 'cmd.exe',
      identity: 'weak',
    });
    expect(one('Process', { processId: '0x2aa48', creationTimeUtc: '2026-03-10T08:00:00' })).toMatchObject({
      identity: 'strong',
    });
  });
});

describe('letters that case conversion turns into others', () => {
  it.each([
    ['Host', { hostName: 'srv-\u212a1' }, { hostName: 'srv-k1' }],
    [
      'Host',
      { hostName: 'srv-1', dnsDomain: '\u212aontoso.com' },
      { hostName: 'srv-1', dnsDomain: 'kontoso.com' },
    ],
    ['Account', { accountName: 'fran\u212a@contoso.com' }, { accountName: 'frank@contoso.com' }],
    ['Account', { accountName: 'CORP\\fran\u212a' }, { accountName: 'CORP\\frank' }],
    ['Account', { accountName: 'fran\u212a' }, { accountName: 'frank' }],
    ['File', { name: 'a', directory: 'C:\\\u212a' }, { name: 'a', directory: 'C:\\k' }],
  ])('make no %s of another one: %j', (kind, odd, plain) => {
    expect(one(kind, odd)?.key).not.toBe(one(kind, plain)?.key);
  });

  it('do not affect the letters of other alphabets', () => {
    expect(one('Host', { hostName: 'M\u00dcNCHEN-1' })?.key).toBe('host:name:m\u00fcnchen-1');
    expect(one('Account', { accountName: 'J\u00d6RG@CONTOSO.COM' })?.key).toBe(
      'account:upn:j\u00f6rg@contoso.com',
    );
  });
});

describe('any entity', () => {
  it('contains well-formed text only, for any input', () => {
    const odd = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => `${text}\ud800`);
    const properties = fc.dictionary(
      fc.constantFrom(
        'accountName',
        'upnSuffix',
        'hostName',
        'dnsDomain',
        'address',
        'url',
        'name',
        'commandLine',
        'friendlyName',
      ),
      odd,
    );
    const kind = fc.oneof(fc.constantFrom('Account', 'Host', 'Ip', 'Url', 'File', 'Process', 'Mailbox'), odd);
    const entity = fc.record({ id: odd, name: odd, kind, properties });
    fc.assert(
      fc.property(fc.array(entity, { maxLength: 4 }), odd, (entities, text) => {
        const incident = normaliseIncident({
          incident: {
            id: ID,
            etag: text,
            properties: { title: text, description: text, labels: [{ labelName: text }] },
          },
          alerts: [
            { kind: 'SecurityAlert', name: text, properties: { alertDisplayName: text, tactics: [text] } },
          ],
          entities,
        });
        // JSON writes a lone surrogate as an escape.
        expect(JSON.stringify(incident)).not.toMatch(/\\ud[89a-f]/i);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['account', 'account', 'strong'],
    ['host', 'host', 'strong'],
    ['ip', 'ip', 'strong'],
    ['file', 'file', 'weak'],
    ['filehash', 'fileHash', 'strong'],
    ['process', 'process', 'weak'],
    ['url', 'url', 'strong'],
    ['mailbox', 'mailbox', 'strong'],
    ['mailmessage', 'mailMessage', 'strong'],
    ['securityalert', 'other', 'weak'],
  ])('is read from the published example of kind %s', (name, kind, identity) => {
    const incident = read([example(name)]);
    expect(incident.entities).toMatchObject([{ kind, identity }]);
    expect(incident.warnings).toEqual([]);
  });

  it('of an unknown kind is shown, with a warning', () => {
    const incident = read([
      { id: '/x/Entities/', name: 'q1', kind: 'QuantumDevice', properties: { friendlyName: 'QPU' } },
    ]);
    expect(incident.entities).toMatchObject([
      { kind: 'other', originalKind: 'QuantumDevice', display: 'QPU' },
    ]);
    expect(incident.warnings).toEqual([
      { path: 'entities/q1', code: 'unknown-entity-kind', value: 'QuantumDevice' },
    ]);
  });

  it('that cannot be identified is shown, with a warning', () => {
    const incident = read([{ name: 'a1', kind: 'Account', properties: { isDomainJoined: true } }]);
    expect(incident.entities).toMatchObject([{ kind: 'other', originalKind: 'Account' }]);
    expect(incident.warnings).toEqual([{ path: 'entities/a1', code: 'unidentified-entity' }]);
  });

  it('that is invalid is left out, with a warning', () => {
    const incident = read([null, 7, 'x', {}]);
    expect(incident.entities).toEqual([]);
    expect(incident.warnings).toEqual([{ path: 'entities', code: 'not-an-entity' }]);
  });

  it('may occur in any order, and repeatedly', () => {
    const text = fc.constantFrom(
      'dana',
      'dana@contoso.com',
      'CORP\\dana',
      'ws-1',
      'ws-1.contoso.com',
      'null',
      '',
    );
    const properties = fc.record(
      {
        accountName: text,
        upnSuffix: fc.constantFrom('contoso.com', null),
        ntDomain: fc.constantFrom('CORP', 'corp'),
        aadUserId: fc.constantFrom(OID, OID.replace('a001', 'a002')),
        sid: fc.constantFrom(SID, `${SID}9`, 'S-1-5-18'),
        hostName: text,
        dnsDomain: fc.constantFrom('contoso.com', 'fabrikam.com'),
        additionalData: fc.record({ MdatpDeviceId: fc.constantFrom(MDE, 'x') }, { requiredKeys: [] }),
        address: fc.constantFrom('203.0.113.7', '2001:db8::1', '2001:DB8:0::1'),
        algorithm: fc.constantFrom('SHA1', 'MD5'),
        hashValue: fc.constantFrom('ab'.repeat(20), 'cd'.repeat(16)),
        fileName: text,
        fileHashEntityIds: fc.array(fc.constantFrom('e0', 'e1', '/x/e2')),
        processId: fc.constantFrom('1', 2),
      },
      { requiredKeys: [] },
    );
    const entity = fc.record({
      name: fc.constantFrom('e0', 'e1', 'e2', 'e3'),
      kind: fc.constantFrom('Account', 'Host', 'Ip', 'FileHash', 'File', 'Process', 'Odd'),
      properties,
    });
    const list = fc.array(entity, { maxLength: 8 });
    const shuffled = list.chain((entities) =>
      fc.tuple(fc.constant(entities), fc.shuffledSubarray(entities, { minLength: entities.length })),
    );
    fc.assert(
      fc.property(shuffled, ([entities, others]) => {
        const incident = read(entities);
        expect(read(others)).toEqual(incident);
        expect(read([...entities, ...others])).toEqual(incident);
        expect(new Set(incident.entities.map(({ key }) => key)).size).toBe(incident.entities.length);
        for (const each of incident.entities) expect(entitySchema.safeParse(each).success).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
