import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  instanceIdOf,
  MAXIMUM_CHARACTERS,
  parseIncidentId,
  recogniseDeliveries,
} from '../../src/intake/index.js';
import { SHAPES } from '../../src/intake/shapes/index.js';

const recogniseDelivery = (body: unknown) => recogniseDeliveries(body)[0];

const ID =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights' +
  '/workspaces/law-soc/providers/Microsoft.SecurityInsights/Incidents/00000000-0000-4000-8000-000000002001';
const trigger = {
  eventUniqueId: '00000000-0000-4000-8000-00000000ee01',
  objectSchemaType: 'Incident',
  objectEventType: 'Create',
  workspaceInfo: {
    SubscriptionId: '00000000-0000-4000-8000-0000000000aa',
    ResourceGroupName: 'rg-soc',
    WorkspaceName: 'law-soc',
  },
  workspaceId: '00000000-0000-4000-8000-0000000000ab',
  object: {
    id: ID,
    name: '00000000-0000-4000-8000-000000002001',
    type: 'Microsoft.SecurityInsights/Incidents',
    properties: { title: 'Ransomware', lastModifiedTimeUtc: '2026-03-10T08:11:52.0417744Z', alerts: [] },
  },
};
const rest = {
  id: ID,
  name: 'x',
  type: 'Microsoft.SecurityInsights/incidents',
  properties: { title: 'Ransomware' },
};
const withId = (id: unknown) => ({ ...rest, id });
const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`examples/${name}.json`, import.meta.url), 'utf8'));

describe('an incident', () => {
  it('is recognised from the body of the Logic Apps trigger', () => {
    expect(recogniseDelivery(trigger)).toEqual({
      kind: 'incident',
      shape: 'logic-apps-trigger',
      origin: { kind: 'sentinel', armId: ID },
      key: ID.toLowerCase(),
      instanceId: instanceIdOf(ID.toLowerCase()),
      aliases: ['laws:00000000-0000-4000-8000-0000000000ab/00000000-0000-4000-8000-000000002001'],
      deliveryKey: '00000000-0000-4000-8000-00000000ee01',
      modifiedAt: '2026-03-10T08:11:52.041Z',
      modifiedTicks: '17731303120417744',
      title: 'Ransomware',
    });
  });

  it('is recognised from the body of the REST API', () => {
    expect(recogniseDelivery(rest)).toMatchObject({
      kind: 'incident',
      shape: 'sentinel-rest',
      key: ID.toLowerCase(),
    });
    expect(recogniseDelivery(example('rest-incident-get-2025'))).toMatchObject({
      kind: 'incident',
      shape: 'sentinel-rest',
      title: 'My incident',
      modifiedAt: '2019-01-01T13:15:30.000Z',
    });
  });

  it('has one key and one instance, whatever the delivery shape', () => {
    const ids = [trigger, rest, { ...trigger, incidentUpdates: { updatedBy: { source: 'Alert updated' } } }]
      .map(recogniseDelivery)
      .map((delivery) => delivery.kind === 'incident' && delivery.instanceId);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^incident-[0-9a-f]{40}$/);
  });

  it('is unwrapped from bytes, text, base64, JSON in a JSON string, and a complete trigger output', () => {
    const text = JSON.stringify(trigger);
    const wrapped: unknown[] = [
      text,
      `\ufeff${text}`,
      Buffer.from(text),
      Buffer.from(text).toString('base64'),
      JSON.stringify(text),
      { headers: { 'Content-Type': 'application/json' }, body: trigger },
      Buffer.from(JSON.stringify({ headers: {}, body: trigger })).toString('base64'),
    ];
    for (const body of wrapped) expect(recogniseDelivery(body)).toEqual(recogniseDelivery(trigger));
  });

  it('gets its id from the workspace if only a name was sent', () => {
    for (const object of [
      { name: 'my-incident', properties: {} },
      { id: 'my-incident', properties: {} },
    ]) {
      expect(recogniseDelivery({ ...trigger, object })).toMatchObject({
        kind: 'incident',
        origin: { kind: 'sentinel', armId: ID.replace(/[^/]*$/, 'my-incident') },
      });
    }
  });

  it('may have any name that ARM allows', () => {
    for (const name of ['my incident (2)', 'Störung', "o'brien", '~x_1.2-3', 'a'.repeat(260)]) {
      expect(recogniseDelivery(withId(ID.replace(/[^/]*$/, name)))).toMatchObject({ kind: 'incident' });
    }
  });

  it('has a key that does not depend on letter case', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: ID.length, maxLength: ID.length }), (upper) => {
        const id = Array.from(ID, (c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase())).join('');
        expect(recogniseDelivery(withId(id))).toMatchObject({ key: ID.toLowerCase() });
      }),
    );
  });

  it('has an id that can be parsed into its parts', () => {
    expect(parseIncidentId(ID)).toMatchObject({
      subscriptionId: '00000000-0000-4000-8000-0000000000aa',
      resourceGroup: 'rg-soc',
      workspace: 'law-soc',
      name: '00000000-0000-4000-8000-000000002001',
    });
  });
});

describe('a body that cannot be used', () => {
  const row = { TenantId: 'x', IncidentName: 'x', Title: 'x', Owner: '{}' };
  it.each([
    ['text that is no JSON', '{"object":', 'malformed-json', ''],
    ['nothing', '', 'malformed-json', ''],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00), 'malformed-json', ''],
    [
      'text wrapped without end',
      [1, 2, 3, 4, 5, 6].reduce((t) => JSON.stringify(t), '{}'),
      'malformed-json',
      '',
    ],
    ['a number', 7, 'not-an-object', ''],
    ['null', null, 'not-an-object', ''],
    ['undefined', undefined, 'not-an-object', ''],
    ['an empty list', [], 'empty-list', ''],
    ['an empty list of the REST API', { value: [] }, 'empty-list', 'value'],
    ['an empty object', {}, 'unknown-shape', ''],
    ['a trigger without its object', { ...trigger, object: undefined }, 'no-incident-id', 'object'],
    ['a trigger without an id', { ...trigger, object: { properties: {} } }, 'no-incident-id', 'object.id'],
    ['a REST incident without an id', { ...rest, id: undefined }, 'no-incident-id', 'id'],
    ['a REST incident with null for an id', { ...rest, id: null }, 'no-incident-id', 'id'],
    ['a number for an id', { ...rest, id: 2001 }, 'bad-incident-id', 'id'],
    ['a sign that only looks like a letter', withId(ID.replace('k', '\u212a')), 'bad-incident-id', 'id'],
    [
      'an alert trigger',
      { SystemAlertId: 'x', AlertType: 'x', Entities: [] },
      'alert-trigger',
      'SystemAlertId',
    ],
    ['an alert of the REST API', { kind: 'SecurityAlert', name: 'x' }, 'sentinel-alert', 'kind'],
    ['a Graph incident without a tenant', { id: '12345', incidentWebUrl: 'x' }, 'unknown-tenant', 'tenantId'],
    [
      'a Graph incident without an id',
      { '@odata.type': '#microsoft.graph.security.incident' },
      'no-incident-id',
      'id',
    ],
    [
      'a Graph alert without an incident',
      { id: 'x', serviceSource: 'x', providerAlertId: 'x' },
      'graph-alert',
      'incidentId',
    ],
    [
      'a Graph notification',
      { value: [{ subscriptionId: 'x', changeType: 'x' }] },
      'graph-notification',
      'value[0].resource',
    ],
    ['a row of SecurityIncident without a link', row, 'kql-incident', 'IncidentUrl'],
    ['a row of SecurityAlert', { TenantId: 'x', SystemAlertId: 'x' }, 'kql-alert', 'SystemAlertId'],
    ['an answer of Log Analytics', { tables: [{ columns: [], rows: [] }] }, 'log-query-result', ''],
    ['an incident of the old XDR API', { incidentId: 924518, alerts: [] }, 'unknown-tenant', 'tenantId'],
  ])('is named: %s', (_what, body, code, path) => {
    const delivery = recogniseDelivery(body);
    expect(delivery).toMatchObject({ kind: 'rejected', code, path });
    expect(delivery.kind === 'rejected' && delivery.reason).toMatch(/^[A-Z].*\.$/);
    expect(delivery.kind === 'rejected' && delivery.next).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    ['another resource', ID.replace('/Incidents/', '/alertRules/')],
    ['an incident without a name', ID.replace(/[^/]*$/, '')],
    ['more than the incident', `${ID}/comments/1`],
    ['a way up', ID.replace('law-soc', '..')],
    ['a way up at the end', ID.replace(/[^/]*$/, '..')],
    ['an encoded way up', ID.replace(/[^/]*$/, '%2e%2e')],
    ['a query', `${ID}?api-version=1`],
    ['a fragment', `${ID}#x`],
    ['a backslash', ID.replace(/[^/]*$/, 'a\\..\\b')],
    ['a line break', `${ID}\r\nHost: evil.example`],
    ['another host', `https://evil.example${ID}`],
    ['no host at all', `/${ID}`],
    ['no slash at the start', ID.slice(1)],
    ['an endless name', ID + 'a'.repeat(300)],
    ['an incident of Defender', '/security/incidents/12345'],
    ['written with a long s', ID.replace('subscriptions', '\u017fubscriptions')],
    ['written with a long s inside', ID.replace('Insights', 'In\u017fights')],
    ['written with a Kelvin sign', ID.replace('law-soc', 'law-so\u212a')],
    ['named with a Kelvin sign', ID.replace('rg-soc', 'rg-so\u212a')],
    ['named with a long s', ID.replace('rg-soc', 'rg-\u017foc')],
    ['named with a dotted I', ID.replace('rg-soc', 'rg-\u0130')],
    ['named with a dotless i', ID.replace('rg-soc', 'rg-\u0131')],
    ['named with full width', ID.replace('rg-soc', 'rg-\uff21')],
    ['named in two marks where one is meant', ID.replace('rg-soc', 'rg-e\u0301')],
    ['half a character', ID.replace('rg-soc', 'rg-\ud800')],
    ['the other half', ID.replace(/[^/]*$/, 'x\udfff')],
    ['a zero byte', ID.replace(/[^/]*$/, 'x\0')],
  ])('is refused for an id that is %s', (_what, id) => {
    expect(recogniseDelivery(withId(id))).toMatchObject({
      kind: 'rejected',
      code: 'bad-incident-id',
      path: 'id',
    });
    const object = { ...trigger.object, id };
    expect(recogniseDelivery({ ...trigger, object })).toMatchObject({ kind: 'rejected', path: 'object.id' });
  });

  it('is refused for a hostile workspace or name', () => {
    const object = { name: '../../x', properties: {} };
    expect(recogniseDelivery({ ...trigger, object })).toMatchObject({
      kind: 'rejected',
      code: 'no-incident-id',
    });
    const workspaceInfo = { ...trigger.workspaceInfo, WorkspaceName: '../evil' };
    expect(recogniseDelivery({ ...trigger, workspaceInfo, object: { name: 'x' } })).toMatchObject({
      kind: 'rejected',
    });
  });

  it('is refused for its size, as text, as bytes and parsed', () => {
    const large = { ...rest, properties: { description: 'x'.repeat(2 * MAXIMUM_CHARACTERS) } };
    for (const body of [large, JSON.stringify(large), Buffer.from(JSON.stringify(large))]) {
      expect(recogniseDelivery(body)).toMatchObject({ kind: 'rejected', code: 'too-large' });
    }
    const wide = { ...rest, properties: { many: Array.from({ length: MAXIMUM_CHARACTERS }, () => 1) } };
    expect(recogniseDelivery(wide)).toMatchObject({ kind: 'rejected', code: 'too-large' });
    const circular: Record<string, unknown> = { ...rest };
    circular.self = circular;
    expect(recogniseDelivery(circular)).toMatchObject({ kind: 'rejected', code: 'too-deep' });
  });

  it('is refused for its depth, as text, as bytes, in base64 and parsed', () => {
    const deep = (levels: number, open = '{"a":', close = '}') =>
      `{"objectSchemaType":"Incident","object":{"id":"${ID}","properties":${open.repeat(levels)}1${close.repeat(levels)}}}`;
    for (const text of [
      deep(33_000),
      deep(100_000, '[', ']'),
      deep(70),
      `${'['.repeat(500_000)}1${']'.repeat(500_000)}`,
    ]) {
      for (const body of [text, Buffer.from(text), Buffer.from(text).toString('base64'), JSON.parse(text)]) {
        const { code } = recogniseDelivery(body) as { code?: string };
        expect(['too-deep', 'too-large']).toContain(code);
      }
    }
    expect(recogniseDelivery(deep(70))).toMatchObject({ code: 'too-deep' });
    expect(recogniseDelivery(deep(50))).toMatchObject({ kind: 'incident' });
  });

  it('never reveals the body', () => {
    const secret = 'Bearer made-up-secret';
    const bodies = [`{"a":"${secret}`, { [secret]: secret }, withId(secret), withId(`${ID}?sig=${secret}`)];
    for (const body of bodies)
      expect(JSON.stringify(recogniseDelivery(body))).not.toContain('made-up-secret');
  });
});

describe('the list of shapes', () => {
  const WORKSPACE = ID.replace(/\/Incidents.*/, '');
  const event = (eventType: string) => ({ id: 'x', eventType, data: { validationCode: 'x' } });
  const typed = (type: string) => ({ type: `Microsoft.SecurityInsights/${type}`, properties: {} });
  const samples: readonly (readonly [string, Record<string, unknown>])[] = [
    ['logic-apps-trigger', trigger],
    ['logic-apps-trigger', { objectSchemaType: 'Incident' }],
    ['sentinel-rest', rest],
    ['sentinel-rest', { ...rest, id: undefined }],
    ['sentinel-rest', { id: ID, properties: {} }],
    ['sentinel-rest', { properties: { incidentNumber: 2001 } }],
    ['event-grid-validation', event('Microsoft.EventGrid.SubscriptionValidationEvent')],
    ['event-grid-system-event', event('Microsoft.EventGrid.SubscriptionDeletedEvent')],
    ['event-without-incident', { specversion: '1.0', type: 'x', source: 'x', id: 'x' }],
    ['graph-lifecycle', { subscriptionId: 'x', clientState: 'x', lifecycleEvent: 'missed' }],
    ['graph-notification', { subscriptionId: 'x', changeType: 'created' }],
    ['graph-incident', { id: '12345', incidentWebUrl: 'x' }],
    ['graph-incident', { '@odata.type': '#microsoft.graph.security.incident' }],
    ['graph-alert', { id: 'x', serviceSource: 'x', providerAlertId: 'x' }],
    ['graph-alert', { '@odata.type': '#microsoft.graph.security.alert' }],
    ['graph-alert', { id: 'x', providerAlertId: 'x', incidentId: '77', incidentWebUrl: 'x', evidence: [] }],
    ['graph-alert', { id: 'x', alertWebUrl: 'x', incidentWebUrl: 'x', displayName: 'x' }],
    ['defender-alert', { id: 'x', incidentId: 7, alertCreationTime: 'x', evidence: [] }],
    ['defender-alert', { alertId: 'x', incidentId: 7, entities: [] }],
    ['xdr-incident', { incidentId: 924518, alerts: [] }],
    ['kql-incident', { TenantId: 'x', IncidentName: 'x' }],
    ['kql-incident', { SecurityIncident: { IncidentName: 'x' }, SecurityAlert: [] }],
    ['kql-alert', { TenantId: 'x', SystemAlertId: 'x' }],
    ['log-row', { TenantId: 'x', TimeGenerated: 'x', Computer: 'x' }],
    ['alert-trigger', { SystemAlertId: 'x', AlertType: 'x' }],
    ['alert-trigger', { objectSchemaType: 'Alert' }],
    ['streaming-record', { category: 'AdvancedHunting-AlertInfo', properties: {} }],
    ['sentinel-alert', { kind: 'SecurityAlert' }],
    ['sentinel-entity', { id: `${WORKSPACE}/entities/e`, kind: 'Account', properties: {} }],
    ['sentinel-entity', { type: 'Microsoft.SecurityInsights/Entities', kind: 'Ip', properties: {} }],
    ['sentinel-entities', { entities: [], metaData: [] }],
    ['sentinel-comment', { id: `${ID}/comments/c`, ...typed('incidents/comments') }],
    ['sentinel-task', { id: `${ID}/tasks/t`, ...typed('Incidents/Tasks') }],
    ['sentinel-bookmark', typed('bookmarks')],
    ['sentinel-watchlist-item', typed('Watchlists/WatchlistItems')],
    ['sentinel-alert-rule', typed('alertRules')],
    ['graph-device', { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#devices/$entity' }],
    ['graph-user', { id: 'x', displayName: 'x', userPrincipalName: 'x' }],
    ['defender-machine', { id: 'x', computerDnsName: 'x', healthStatus: 'Active', lastSeen: 'x' }],
    ['defender-machine-action', { requestor: 'x', machineId: 'x', status: 'Pending', computerDnsName: 'x' }],
    ['defender-indicator', { indicatorValue: 'x', indicatorType: 'Url' }],
    ['defender-vulnerability', { id: 'CVE-2026-00001', cvssV3: 7 }],
    ['defender-file-statistics', { sha1: 'x', globallyPrevalence: 1 }],
    ['hunting-result', { Stats: {}, Schema: [], Results: [] }],
    ['log-query-result', { tables: [{ name: 'PrimaryResult', columns: [], rows: [] }] }],
    ['log-query-error', { error: { code: 'BadArgumentError', message: 'x' } }],
    ['log-query-error', { status: 404, body: { error: { code: 'PathNotFoundError', message: 'x' } } }],
    ['defender-error', { error: { code: 'ResourceNotFound', message: 'x', target: 'x' } }],
    ['sign-in-error', { error: 'invalid_grant', error_description: 'x' }],
    ['service-error', { error: { code: 'NotFound', message: 'x' } }],
    ['empty-answer', { status: 204, body: '' }],
    ['workflow-definition', { Send_message: { type: 'ApiConnection', inputs: {} } }],
    ['api-example', { parameters: { events: [] }, responses: {} }],
  ];

  it.each(samples)('has the most specific name first: %s %j', (name, value) => {
    expect(SHAPES.find((shape) => shape.matches(value))?.name).toBe(name);
    const [delivery] = recogniseDeliveries(value);
    if (delivery.kind === 'incident' || delivery.kind === 'log-incident') expect(delivery.shape).toBe(name);
    else if (delivery.kind === 'rejected')
      expect([name, 'no-incident-id', 'unknown-tenant']).toContain(delivery.code);
  });

  it('has a sample for each, and none for what is no incident', () => {
    expect(new Set(samples.map(([name]) => name))).toEqual(new Set(SHAPES.map(({ name }) => name)));
    for (const body of [{}, { properties: {} }, { id: 'x' }]) {
      expect(SHAPES.filter((shape) => shape.matches(body))).toEqual([]);
    }
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.object(), (body) => {
        for (const shape of SHAPES) if (shape.matches(body)) shape.deliver(body, { path: '' });
      }),
    );
  });
});

describe('any delivery', () => {
  const near = fc.record(
    {
      id: fc.oneof(fc.constant(ID), fc.anything()),
      name: fc.anything(),
      type: fc.anything(),
      object: fc.anything(),
      objectSchemaType: fc.oneof(fc.constant('Incident'), fc.anything()),
      workspaceInfo: fc.anything(),
      properties: fc.anything(),
      headers: fc.anything(),
      body: fc.anything(),
      value: fc.anything(),
      tables: fc.anything(),
    },
    { requiredKeys: [] },
  );

  it('is accepted or rejected, without an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything({ withBigInt: true, withDate: true }), fc.json(), fc.string(), near),
        (body) => {
          expect(['incident', 'rejected']).toContain(recogniseDelivery(body).kind);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is not confused by __proto__', () => {
    const body: unknown = JSON.parse(`{"__proto__":{"id":"${ID}"},"properties":{}}`);
    expect(recogniseDelivery(body)).toMatchObject({ kind: 'rejected', code: 'no-incident-id' });
  });
});
