import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countEntities } from './count-entities.mjs';
import { example, exampleText, folder, incidentsIn, keys, kindsOf, only, read } from './read-example.js';

const TENANT = '00000000-0000-4000-8000-0000000000cc';
const ARM_KEY =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourcegroups/rg-soc/providers/microsoft.operationalinsights' +
  '/workspaces/law-soc/providers/microsoft.securityinsights/incidents/00000000-0000-4000-8000-000000002001';
const XDR_KEY = `xdr:${TENANT}/77`;
const LOG_KEY = 'laws:00000000-0000-4000-8000-0000000000ab/00000000-0000-4000-8000-000000002001';

describe('one incident', () => {
  it('is read in full from the Logic Apps trigger, with all kinds of entities', () => {
    const incident = only(example('logic-apps-trigger-create.json'));
    expect(incident).toMatchObject({
      key: ARM_KEY,
      source: 'sentinel',
      aliases: [LOG_KEY, XDR_KEY],
      title: 'Ransomware\u00a0on ws-001 \ufffd',
      severity: 'high',
      status: 'new',
      provider: 'xdr',
      providerIncidentId: '77',
      labels: [],
      counts: { alerts: 1, comments: 2 },
      completeness: { alerts: 'full', entities: 'full' },
      createdAt: '2026-03-10T08:06:10.500Z',
      firstActivityAt: '2026-03-10T08:01:02.123Z',
      lastActivityAt: '2026-03-10T08:05:00.000Z',
      version: { modifiedTicks: '17731303120417744', etag: '6e00-0000' },
      workspace: { customerId: '00000000-0000-4000-8000-0000000000ab' },
      alerts: [{ status: 'inProgress', providerAlertId: 'p-31', startedAt: '2026-03-10T08:01:02.123Z' }],
      warnings: [{ code: 'unknown-entity-kind', value: 'QuantumDevice' }],
    });
    expect(incident).not.toHaveProperty('owner');
    expect(kindsOf(incident)).toEqual({
      ...{
        account: 1,
        host: 1,
        mailbox: 1,
        mailCluster: 1,
        submissionMail: 1,
        cloudApp: 1,
        azureResource: 1,
      },
      ...{ registryKey: 1, registryValue: 1, dns: 1, malware: 1, securityGroup: 1, iotDevice: 1, nic: 1 },
      ...{ mailMessage: 1, other: 1 },
    });
    expect(incident.entities.find(({ kind }) => kind === 'registryValue')).toMatchObject({
      hive: 'HKEY_LOCAL_MACHINE',
      name: 'Start',
    });
    expect(incident.entities.find(({ kind }) => kind === 'cloudApp')).toMatchObject({ appId: '20893' });
  });

  it('is merged in an update: null is an empty list, and the key has the same letters', () => {
    const incident = only(example('logic-apps-trigger-update.json'));
    expect(incident).toMatchObject({
      key: ARM_KEY,
      status: 'merged',
      alerts: [],
      entities: [],
      completeness: { alerts: 'full', entities: 'none' },
      closedAt: '2026-03-10T08:00:00.000Z',
    });
  });

  it('is read from what an SDK printed in snake_case', () => {
    expect(only(example('sdk-incident.json'))).toMatchObject({
      key: ARM_KEY,
      number: '2001',
      title: 'Ransomware on ws-001',
      provider: 'sentinel',
      aliases: [],
      owner: { upn: 'dana@contoso.com', name: 'Dana' },
      labels: [{ name: 'vip' }],
      tactics: ['Impact'],
      counts: { alerts: 1 },
      completeness: { alerts: 'none', entities: 'none' },
    });
  });

  it('is read from an export of the log: the counts are those of its raw JSON', () => {
    const incident = only(exampleText('log-export.json'));
    const plain = (kind: string) =>
      ({
        'cloud-application': 'cloudApp',
        'oauth-application': 'oauthApp',
        filehash: 'fileHash',
        mailmessage: 'mailMessage',
      })[kind] ?? kind.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase());
    const counted = Object.entries(countEntities(example('log-export.json')));
    expect(kindsOf(incident)).toEqual(Object.fromEntries(counted.map(([kind, n]) => [plain(kind), n])));
    expect(counted.length).toBeGreaterThan(14);
    expect(incident).toMatchObject({
      key: ARM_KEY,
      source: 'log',
      aliases: [LOG_KEY, XDR_KEY],
      owner: { name: 'Dana' },
      completeness: { alerts: 'full', entities: 'full' },
      alerts: [
        { tactics: ['Impact', 'Execution'], techniques: ['T1486'] },
        { tactics: [], techniques: [] },
        { title: 'Mail with a harmful link' },
      ],
      warnings: [{ code: 'unknown-reference', value: '404' }],
    });
    // People who are signed in are no entities, but they are involved.
    expect(incident.entities.filter(({ kind }) => kind === 'account')).toHaveLength(1);
    expect(incident.involved?.accounts).toContainEqual(expect.objectContaining({ name: 'dana' }));
    const file1 = incident.entities.find(({ display }) => display === 'powershell.exe');
    expect(file1).toMatchObject({ kind: 'file', hashes: [{ algorithm: 'sha256' }, { algorithm: 'sha1' }] });
    expect(incident.entities.find(({ key }) => key === 'ip:203.0.113.9')).toMatchObject({
      verdict: 'suspicious',
    });
  });

  it('is read once from its rows, of which the latest counts, with the rows of its alerts', () => {
    const incident = only(exampleText('log-rows.jsonl'));
    const exported = only(exampleText('log-export.json'));
    expect(incident).toEqual(exported);
    const lines = exampleText('log-rows.jsonl').trim().split('\n');
    expect(only([...lines].reverse().join('\n'))).toEqual(exported);
    expect(only({ records: lines.map((line) => JSON.parse(line)) })).toEqual(exported);
  });

  it('is read from Microsoft Graph, with every type of evidence', () => {
    const incident = only(example('graph-incident.json'));
    expect(incident).toMatchObject({
      key: XDR_KEY,
      source: 'graph',
      status: 'active',
      severity: 'high',
      number: '77',
      labels: [{ name: 'vip', auto: false }],
      counts: { comments: 1 },
      version: { modifiedTicks: '17731303120417744' },
    });
    expect(incident).not.toHaveProperty('armId');
    expect(kindsOf(incident)).toEqual({
      ...{ account: 2, host: 1, ip: 1, url: 1, file: 2, fileHash: 3, process: 1, mailbox: 1, mailMessage: 1 },
      ...{ mailCluster: 1, cloudApp: 1, oauthApp: 1, registryKey: 1, registryValue: 1, securityGroup: 1 },
      ...{ azureResource: 1, dns: 1, malware: 1, cloudLogonSession: 1, cloudLogonRequest: 1, nic: 1 },
      ...{ iotDevice: 1, submissionMail: 1, other: 2 },
    });
    const others = incident.entities.flatMap((entity) =>
      entity.kind === 'other' ? entity.originalKind : [],
    );
    expect(others.sort()).toEqual(['kubernetesPodEvidence', 'timeMachineEvidence']);
    expect(incident.involved?.accounts).toContainEqual(expect.objectContaining({ name: 'dana' }));
    expect(incident.entities.find(({ kind }) => kind === 'host')).toMatchObject({
      mdeId: 'ab'.repeat(20),
      fqdn: 'ws-001.corp.contoso.com',
      verdict: 'suspicious',
    });
  });

  it('of Graph may be merged into another, and its tenant unknown', () => {
    const [first, merged] = incidentsIn(example('graph-incident-list.json'));
    expect(first).toMatchObject({ key: XDR_KEY, alerts: [], completeness: { alerts: 'none' } });
    expect(merged).toMatchObject({ key: `xdr:${TENANT}/78`, status: 'merged', mergedInto: XDR_KEY });
    const nowhere = {
      id: 5,
      incidentWebUrl: 'https://security.microsoft.com/incidents/5',
      status: 'Resolved',
      tags: ['x'],
    };
    expect(only(nowhere)).toMatchObject({
      key: 'xdr:unknown/5',
      status: 'closed',
      labels: [{ name: 'x' }],
      warnings: [
        { code: 'tenant-unknown', path: 'tenantId' },
        { code: 'unknown-value', path: 'properties.severity' },
      ],
    });
  });

  it('is read from the retired Defender API, whose ids are numbers', () => {
    const incident = only(example('xdr-incident.json'));
    expect(incident).toMatchObject({
      key: 'xdr:unknown/77',
      source: 'xdr',
      status: 'active',
      severity: 'informational',
    });
    expect(kindsOf(incident)).toEqual({
      ...{ mailbox: 1, account: 1, process: 1, file: 1, fileHash: 1, ip: 1, registryKey: 1, host: 1 },
    });
  });
});

describe('one alert', () => {
  it.each([
    ['graph-alert.json', XDR_KEY, 'active', 29],
    ['defender-alert.json', XDR_KEY, 'new', 5],
    ['streaming-records.json', 'alert:da1_1', 'new', 7],
    ['logic-apps-alert-trigger.json', 'alert:00000000-0000-4000-8000-000000000031', 'new', 2],
    ['rest-entity-securityalert.json', 'alert:e1d3d618-e11f-478b-98e3-bb381539a8e1', 'new', 0],
  ])('gives what is known of its incident: %s', (name, key, status, entities) => {
    const incident = only(example(name));
    expect(incident).toMatchObject({ key, status, completeness: { alerts: 'partial' } });
    expect(incident.alerts).toHaveLength(1);
    expect(incident.title).toBe(incident.alerts[0]?.title);
    expect(incident.entities).toHaveLength(entities);
    const codes = incident.warnings.map(({ code }) => code);
    expect(codes.includes('incident-unknown')).toBe(key.startsWith('alert:'));
  });

  it('is named with its code, and so is anything else', () => {
    const codes = (body: unknown) =>
      read(body).map((item) => (item.kind === 'other' ? item.code : item.shape));
    expect(codes(example('graph-alert.json'))).toEqual(['graph-alert']);
    expect(codes({ objectSchemaType: 'Alert', object: example('logic-apps-alert-trigger.json') })).toEqual([
      'alert-trigger',
    ]);
    expect(codes(example('rest-entity-host.json'))).toEqual(['sentinel-entity']);
    expect(read(example('rest-incident-entities.json'))).toMatchObject([
      { kind: 'other', code: 'sentinel-entities', entities: [{ kind: 'account' }] },
    ]);
    expect(codes({ objectSchemaType: 'Incident', object: { properties: {} } })).toEqual(['no-incident-id']);
  });
});

describe('any form', () => {
  const names = readdirSync(folder).filter((name) => /\.jsonl?$/.test(name));

  it('does not depend on the order of alerts and entities', () => {
    for (const name of [
      'logic-apps-trigger-create.json',
      'graph-incident.json',
      'xdr-incident.json',
      'log-export.json',
    ]) {
      const backwards = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.map(backwards).reverse();
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, backwards(part)]));
      };
      const [one, other] = [only(example(name)), only(backwards(example(name)))];
      expect(keys(other)).toEqual(keys(one));
      expect(other.warnings).toEqual(one.warnings);
      expect(other.alerts.map(({ key }) => key)).toEqual(one.alerts.map(({ key }) => key));
    }
  });

  it('has a hash of its content, without its version', () => {
    const body = example('logic-apps-trigger-create.json');
    const hash = (change: object) => {
      const properties = { ...body.object.properties, ...change };
      return only({ ...body, object: { ...body.object, etag: '"other"', properties } }).version.contentHash;
    };
    const before = only(body).version.contentHash;
    expect(hash({ lastModifiedTimeUtc: '2026-03-11T00:00:00Z' })).toBe(before);
    expect(hash({ severity: 'Low' })).not.toBe(before);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps what it does not know: the raw value is in a warning', () => {
    const body = example('logic-apps-trigger-create.json');
    const properties = {
      ...body.object.properties,
      severity: 'Ultra',
      status: 'Dozing',
      relatedEntities: [],
    };
    properties.alerts = [{ ...properties.alerts[0], properties: { severity: 'Mega', systemAlertId: 'a' } }];
    expect(only({ ...body, object: { ...body.object, properties } })).toMatchObject({
      severity: 'unknown',
      status: 'unknown',
      alerts: [{ severity: 'unknown' }],
      warnings: [
        { code: 'unknown-value', value: 'Mega' },
        { code: 'unknown-value', path: 'properties.severity', value: 'Ultra' },
        { code: 'unknown-value', path: 'properties.status', value: 'Dozing' },
      ],
    });
  });

  it('has an incident or a name in every example', () => {
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      for (const item of read(exampleText(name))) {
        if (item.kind === 'other') expect(item.code).toMatch(/^sentinel-(entity|entities)$/);
      }
    }
  });

  it('orders versions by 100 ns, whatever the format of the time', () => {
    const ticks = (time: string) => {
      const body = example('logic-apps-trigger-create.json');
      const properties = { ...body.object.properties, lastModifiedTimeUtc: time };
      return only({ ...body, object: { ...body.object, properties } }).version.modifiedTicks;
    };
    expect(ticks('2026-03-10T08:11:52.0417744Z')).toBe('17731303120417744');
    expect(ticks('2026-03-10T08:11:52.0417745')).toBe('17731303120417745');
    expect(ticks('2026-03-10 09:11:52.041774+01:00')).toBe('17731303120417740');
    expect(ticks('3/10/2026 8:11:52 AM')).toBe('17731303120000000');
    expect(ticks('3/10/2026 12:11:52 AM')).toBe('17731015120000000');
    expect(ticks('3/10/2026 12:11:52 PM')).toBe('17731447120000000');
    expect(ticks('0001-01-01T00:00:00Z')).toBeUndefined();
  });
});
