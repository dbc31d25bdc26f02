import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deliveries, recogniseDeliveries } from '../../src/intake/index.js';

const WORKSPACE =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights' +
  '/workspaces/law-soc/providers/Microsoft.SecurityInsights';
const incident = (name: string) => ({
  id: `${WORKSPACE}/Incidents/${name}`,
  name,
  type: 'Microsoft.SecurityInsights/Incidents',
  properties: { title: `Störung „${name}“`, lastModifiedTimeUtc: '2026-03-10T08:11:52.0417744Z' },
});
const trigger = (name: string) => ({ objectSchemaType: 'Incident', object: incident(name) });
const row = (name: string) => ({
  TenantId: '00000000-0000-4000-8000-0000000000ab',
  IncidentName: name,
  IncidentUrl: `https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident${WORKSPACE}/Incidents/${name}`,
});
const text = JSON.stringify(trigger('one'));
const names = (deliveries: Deliveries) =>
  deliveries.map((one) =>
    one.kind === 'incident'
      ? one.key.split('/').at(-1)
      : one.kind === 'rejected'
        ? `${one.code} ${one.path}`.trim()
        : one.kind,
  );
const utf16 = (content: string, order: 'le' | 'be', mark: string) => {
  const bytes = Buffer.from(mark + content, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};
const base64 = (content: string) => Buffer.from(content).toString('base64');
const NAMESPACE = 'http://schemas.microsoft.com/2003/10/Serialization/';
/** What .NET's DataContractSerializer writes in binary XML. The record's kind says how many bytes the length has. */
function framed(content: Buffer, element: string, record: number): Buffer {
  const width = record <= 0x99 || record === 0x9e || record === 0x9f ? 1 : record <= 0x9b ? 2 : 4;
  const length = Buffer.alloc(width);
  length.writeUIntLE(content.length, 0, width);
  const head = Buffer.from(`@${String.fromCharCode(element.length)}${element}\x083${NAMESPACE}`, 'latin1');
  const end = record % 2 === 0 ? [0x01] : [];
  return Buffer.concat([head, Buffer.from([record]), length, content, Buffer.from(end)]);
}

describe('one incident', () => {
  const cloudEvent = { specversion: '1.0', id: 'e', source: 's', type: 'x' };
  const envelopes: readonly (readonly [string, unknown])[] = [
    ['an object', trigger('one')],
    ['text', text],
    ['text with a byte order mark', `\ufeff${text}`],
    ['JSON in a JSON string', JSON.stringify(text)],
    ['bytes', Buffer.from(text)],
    ['bytes with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['an ArrayBuffer', Uint8Array.from(Buffer.from(text)).buffer],
    ['a Buffer that was written as JSON', JSON.parse(JSON.stringify(Buffer.from(text)))],
    ['UTF-16 LE with a mark', utf16(text, 'le', '\ufeff')],
    ['UTF-16 LE without a mark', utf16(text, 'le', '')],
    ['UTF-16 BE with a mark', utf16(text, 'be', '\ufeff')],
    ['UTF-16 BE without a mark', utf16(text, 'be', '')],
    ['base64', base64(text)],
    ['base64 with line breaks', base64(text).replace(/.{76}/g, '$&\r\n')],
    ['base64 in the alphabet of URLs, without padding', Buffer.from(text).toString('base64url')],
    ['base64 of UTF-16', utf16(text, 'le', '\ufeff').toString('base64')],
    ['base64 of a JSON string', base64(JSON.stringify(text))],
    ['base64 in a JSON string', JSON.stringify(base64(text))],
    ['the output of a trigger', { headers: { 'Content-Type': 'application/json' }, body: trigger('one') }],
    ['the output of a trigger in base64', base64(JSON.stringify({ headers: {}, body: trigger('one') }))],
    ['a body alone', { body: trigger('one') }],
    ['a body as text', { body: text }],
    ['a message with its body', { messageId: 'm-1', contentType: 'application/json', body: text }],
    ['typed content', { '$content-type': 'application/octet-stream', $content: base64(text) }],
    ['the content of a message action', { ContentData: base64(text) }],
    [
      'the content of a built-in message action',
      { contentData: trigger('one'), contentType: 'x', messageId: 'm' },
    ],
    ['base64 of base64', base64(base64(text))],
    ['a CloudEvent with bytes beside null', { ...cloudEvent, data: null, data_base64: base64(text) }],
    ['a CloudEvent with bytes that a program named', { ...cloudEvent, dataBase64: base64(text) }],
    ['a CloudEvent with bytes in base64', { ...cloudEvent, data_base64: base64(base64(text)) }],
    ['a list of one', [trigger('one')]],
    ['a list of one text', [text]],
    ['a list of the REST API', { value: [incident('one')], nextLink: null }],
    ['an event of Event Grid', { id: 'e-1', eventType: 'x', eventTime: 'x', data: trigger('one') }],
    ['a batch of Event Grid', [{ id: 'e-1', eventType: 'x', dataVersion: '1', data: incident('one') }]],
    ['a CloudEvent', { specversion: '1.0', id: 'e-1', source: '/c', type: 'x', data: trigger('one') }],
    ['a CloudEvent with text', { specversion: '1.0', id: 'e-1', source: '/c', type: 'x', data: text }],
    [
      'a CloudEvent of bytes',
      { specversion: '1.0', id: 'e', source: 's', type: 'x', data_base64: base64(text) },
    ],
    [
      'a batch of CloudEvents',
      [{ specversion: '1.0', id: 'e', source: 's', type: 'x', data: incident('one') }],
    ],
    ['records', { records: [row('one')] }],
    ['a row', row('one')],
    ['a row as text', JSON.stringify(row('one'))],
    [
      'the answer of a log query',
      {
        tables: [
          { columns: Object.keys(row('one')).map((name) => ({ name })), rows: [Object.values(row('one'))] },
        ],
      },
    ],
  ];

  it.each(envelopes)('is found in %s', (_what, body) => {
    expect(names(recogniseDeliveries(body))).toEqual(['one']);
  });

  it('is found in the frame of a .NET text, whatever the bytes of its length', () => {
    for (const extra of ['', ' '.repeat(0x7b), ' '.repeat(0x5b), ' '.repeat(300), ' '.repeat(70_000)]) {
      const content = Buffer.from(text + extra);
      const records =
        content.length < 256 ? [0x98, 0x99, 0x9c] : content.length < 65_536 ? [0x9a, 0x9b] : [0x9c, 0x9d];
      for (const record of records) {
        const body = framed(content, 'string', record);
        expect(names(recogniseDeliveries(body))).toEqual(['one']);
        expect(names(recogniseDeliveries(body.toString('utf8')))).toEqual(['one']);
      }
    }
    // The length of this content is the byte of a brace.
    const short = JSON.stringify({ object: { id: 'x' } });
    for (const length of [0x7b, 0x5b, 0x22]) {
      const body = framed(Buffer.from(short.padEnd(length)), 'base64Binary', 0x9e);
      expect(names(recogniseDeliveries(body))).toEqual(['bad-incident-id object.id']);
    }
  });

  it('keeps its title if it is UTF-16, and its key if a host decoded that as UTF-8', () => {
    const [whole] = recogniseDeliveries(utf16(text, 'be', ''));
    expect(whole).toMatchObject({ title: 'Störung „one“' });
    for (const order of ['le', 'be'] as const) {
      const plain = JSON.stringify(row('one'));
      expect(names(recogniseDeliveries(utf16(plain, order, '\ufeff').toString('utf8')))).toEqual(['one']);
      expect(names(recogniseDeliveries(utf16(plain, order, '').toString('utf8')))).toEqual(['one']);
    }
  });

  it('has the id of its event as delivery key, unless the trigger has its own', () => {
    const keyOf = (body: unknown) => (recogniseDeliveries(body)[0] as { deliveryKey?: string }).deliveryKey;
    const cloud = { specversion: '1.0', id: 'e-1', source: '/contoso', type: 'x' };
    expect(keyOf({ ...cloud, data: incident('one') })).toBe('/contoso e-1');
    expect(keyOf([{ id: 'e-2', eventType: 'x', data: incident('one') }])).toBe('e-2');
    expect(keyOf({ ...cloud, data: { ...trigger('one'), eventUniqueId: 'u-1' } })).toBe('u-1');
    expect(keyOf(incident('one'))).toBeUndefined();
  });
});

describe('a list', () => {
  it('is taken apart: each item is accepted or rejected by itself, with its place', () => {
    const items = [
      incident('one'),
      { ...incident('two'), id: 'x' },
      7,
      incident('three'),
      { kind: 'SecurityAlert' },
    ];
    expect(names(recogniseDeliveries(items))).toEqual([
      'one',
      'bad-incident-id [1].id',
      'not-an-object [2]',
      'three',
      'sentinel-alert [4].kind',
    ]);
    expect(names(recogniseDeliveries({ value: items }))[1]).toBe('bad-incident-id value[1].id');
    expect(names(recogniseDeliveries({ body: { value: items } }))[1]).toBe(
      'bad-incident-id body.value[1].id',
    );
  });

  it('may be a batch of events of different kinds', () => {
    const batch = [
      { id: 'e-1', eventType: 'x', data: incident('one') },
      {
        id: 'v-1',
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        data: { validationCode: 'x' },
      },
      {
        specversion: '1.0',
        id: 'e-2',
        source: 's',
        type: 'x',
        data: { value: [{ subscriptionId: 'x', resource: 'x' }] },
      },
      { specversion: '1.0', id: 'e-3', source: 's', type: 'x', data_base64: base64('{"object":') },
      { specversion: '1.0', id: 'e-4', source: 's', type: 'x' },
      { id: 'e-5', eventType: 'x', data: { Property1: 'x' } },
    ];
    expect(names(recogniseDeliveries(batch))).toEqual([
      'one',
      'event-grid-validation [1].eventType',
      'graph-notification [2].data.value[0].resource',
      'malformed-json [3].data_base64',
      'event-without-incident [4].data',
      'unknown-shape [5].data',
    ]);
  });

  it('may be lines of JSON; a broken line is rejected by itself', () => {
    const lines = [JSON.stringify(row('one')), '', '{"IncidentName": "tw', JSON.stringify(row('three')), ''];
    expect(names(recogniseDeliveries(lines.join('\r\n')))).toEqual(['one', 'malformed-json [1]', 'three']);
    expect(names(recogniseDeliveries(JSON.stringify(trigger('one'), undefined, 2)))).toEqual(['one']);
    expect(names(recogniseDeliveries('{\n"object": {}\n} x'))).toEqual(['malformed-json']);
  });

  it('names lifecycle notifications and handshakes, alone or in a list', () => {
    const lifecycle = { subscriptionId: 'x', clientState: 'x', lifecycleEvent: 'reauthorizationRequired' };
    expect(names(recogniseDeliveries({ value: [lifecycle] }))).toEqual([
      'graph-lifecycle value[0].lifecycleEvent',
    ]);
    const handshake = { id: 'v', eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: {} };
    expect(names(recogniseDeliveries(handshake))).toEqual(['event-grid-validation eventType']);
    expect(names(recogniseDeliveries(JSON.stringify([handshake])))).toEqual([
      'event-grid-validation [0].eventType',
    ]);
  });

  it('is rejected as a whole if it has too many items', () => {
    const body = Array.from({ length: 5_001 }, () => 1);
    expect(names(recogniseDeliveries(body))).toEqual(['too-many-items']);
    expect(recogniseDeliveries(body.slice(1))).toHaveLength(5_000);
    expect(names(recogniseDeliveries([body.slice(1), [1, 2]]))).toEqual(['too-many-items']);
  });

  it('gives as many deliveries as it has items, for any items', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer(), fc.object(), fc.constant(incident('x'))), { minLength: 1 }),
        (list) => {
          const alone = list.flatMap((item) => recogniseDeliveries([item]).map(({ kind }) => kind));
          expect(recogniseDeliveries(list).map(({ kind }) => kind)).toEqual(alone);
        },
      ),
    );
  });
});

describe('a row of SecurityIncident', () => {
  it('is rejected if its link names another incident, or if neither link nor workspace are known', () => {
    const code = (change: object) => names(recogniseDeliveries({ ...row('one'), ...change }));
    expect(code({ IncidentName: 'two' })).toEqual(['kql-incident IncidentUrl']);
    expect(code({ IncidentUrl: '', TenantId: '' })).toEqual(['kql-incident IncidentUrl']);
    expect(code({ IncidentUrl: '' })).toEqual(['log-incident']);
    expect(code({ IncidentUrl: `${row('one').IncidentUrl}/comments/1` })).toEqual([
      'kql-incident IncidentUrl',
    ]);
    expect(code({ IncidentName: 'ONE' })).toEqual(['one']);
  });

  it('has Defender’s key and the key of its log as aliases', () => {
    const tenant = '00000000-0000-4000-8000-0000000000cc';
    const more = {
      ProviderName: 'Microsoft XDR',
      ProviderIncidentId: 483,
      AdditionalData: `{"providerIncidentUrl":"https://security.microsoft.com/incidents/483?tid=${tenant}"}`,
    };
    const log = 'laws:00000000-0000-4000-8000-0000000000ab/one';
    const aliases = (change: object) => recogniseDeliveries({ ...row('one'), ...more, ...change })[0];
    expect(aliases({})).toMatchObject({ aliases: [log, `xdr:${tenant}/483`] });
    // The number of a Sentinel incident is no id of Defender.
    expect(aliases({ ProviderName: 'Azure Sentinel' })).toMatchObject({ aliases: [log] });
    expect(
      aliases({ AdditionalData: '{"providerIncidentUrl":"https://security.microsoft.com/incidents/483"}' }),
    ).toMatchObject({
      aliases: [log],
    });
  });
});
