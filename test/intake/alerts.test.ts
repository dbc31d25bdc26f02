/** Alerts and rows of the log that do not name their incident: what identifies them, in every shape. */
import { describe, expect, it } from 'vitest';
import { incidentIn, recogniseDeliveries } from '../../src/intake/index.js';
import { WORKSPACE } from '../app/real-tenant.js';
import { example } from './read-example.js';

const CUSTOMER = '00000000-0000-4000-8000-0000000000ab';
const TENANT = '00000000-0000-4000-8000-0000000000cc';
const ALERT = '00000000-0000-4000-8000-000000000031';
const delivered = (body: unknown) => recogniseDeliveries(body)[0];
const trigger = example('logic-apps-alert-trigger.json');
const graph = example('graph-alert.json');
const [record] = example('streaming-records.json').records;

describe('an alert that names no incident', () => {
  const sentinel = { kind: 'sentinel', id: ALERT };
  const inLog = { ...sentinel, customerId: CUSTOMER };
  const inDefender = { kind: 'defender', id: 'da1_1', tenantId: TENANT };
  it.each([
    ['the Logic Apps alert trigger', trigger, inLog],
    [
      'the trigger with a wrapped alert',
      { objectSchemaType: 'Alert', workspaceId: CUSTOMER.toUpperCase(), object: { SystemAlertId: ALERT } },
      inLog,
    ],
    ['a row of SecurityAlert', { TenantId: CUSTOMER, SystemAlertId: ALERT.toUpperCase() }, inLog],
    ['a row without its workspace', { SourceSystem: 'Detection', SystemAlertId: ALERT }, sentinel],
    [
      'an alert of the REST API',
      {
        id: `${WORKSPACE}/providers/Microsoft.SecurityInsights/Entities/${ALERT}`,
        kind: 'SecurityAlert',
        properties: { systemAlertId: ALERT },
      },
      { ...sentinel, workspace: WORKSPACE.toLowerCase() },
    ],
    ['an alert of Graph', { ...graph, incidentId: null }, inDefender],
    [
      'an alert of the Defender API without its tenant',
      { id: 'da1_1', incidentId: 7, alertCreationTime: 'x', evidence: [] },
      { kind: 'defender', id: 'da1_1' },
    ],
    ['a record of the streaming API', record, inDefender],
  ])('is known by its own id: %s', (_what, body, alert) => {
    expect(delivered(body)).toEqual({ kind: 'alert', shape: expect.any(String), alert });
  });

  it.each(['x', '../incidents/7', `${ALERT}' or '1'='1`, 'a'.repeat(200), '', null, { a: 1 }])(
    'is rejected with an id that no service gives: %j',
    (id) => {
      for (const body of [
        { ...trigger, SystemAlertId: id },
        { ...graph, id, incidentId: null },
        { ...record, properties: { AlertId: id } },
        { kind: 'SecurityAlert', name: id },
      ]) {
        expect(delivered(body).kind).toBe('rejected');
      }
    },
  );

  it('keeps its item in a list', () => {
    const items = recogniseDeliveries([{ ...graph, incidentId: null }, trigger]);
    expect(items.map((one) => [one.kind, 'item' in one && one.item])).toEqual([
      ['alert', { ...graph, incidentId: null }],
      ['alert', trigger],
    ]);
  });
});

describe('a row of SecurityIncident without an ARM id', () => {
  const row = {
    TenantId: CUSTOMER,
    IncidentName: 'A1',
    Title: 'Files are being encrypted',
    Severity: 'High',
    LastModifiedTime: '2026-03-10T08:11:52Z',
    ProviderName: 'Microsoft XDR',
    ProviderIncidentId: '77',
    AdditionalData: JSON.stringify({
      providerIncidentUrl: `https://security.microsoft.com/incidents/77?tid=${TENANT}`,
    }),
  };

  it('is an incident of the workspace with its customer id', () => {
    const delivery = delivered(row);
    expect(delivery).toMatchObject({
      kind: 'log-incident',
      customerId: CUSTOMER,
      name: 'A1',
      aliases: [`laws:${CUSTOMER}/a1`, `xdr:${TENANT}/77`],
      modifiedAt: '2026-03-10T08:11:52.000Z',
      severity: 'high',
    });
    if (delivery.kind !== 'log-incident') return expect.fail();
    const armId = `${WORKSPACE}/providers/Microsoft.SecurityInsights/Incidents/A1`;
    const whole = delivered({ id: armId, type: 'Microsoft.SecurityInsights/Incidents', properties: {} });
    const found = incidentIn(WORKSPACE, delivery);
    expect(found).toMatchObject({ kind: 'incident', origin: { kind: 'sentinel', armId } });
    expect(whole.kind === 'incident' && [whole.key, whole.instanceId]).toEqual([
      found?.key,
      found?.instanceId,
    ]);
    expect(found).not.toHaveProperty('customerId');
  });

  it.each(['../x', 'a/b', 'x?y=1', '%2e'])('has no name that leads elsewhere: %s', (IncidentName) => {
    const delivery = delivered({ ...row, IncidentName });
    expect(delivery.kind === 'log-incident' && incidentIn(WORKSPACE, delivery)).toBeUndefined();
  });

  it('is rejected without its workspace', () => {
    expect(delivered({ ...row, TenantId: 'x' })).toMatchObject({ kind: 'rejected', code: 'kql-incident' });
    const other = { ...row, TenantId: undefined, WorkspaceId: CUSTOMER };
    expect(delivered(other)).toMatchObject({ kind: 'log-incident', customerId: CUSTOMER });
  });
});
