import { describe, expect, it } from 'vitest';
import {
  instanceIdOf,
  MAXIMUM_CHARACTERS,
  normaliseBody,
  recogniseDeliveries,
} from '../../src/intake/index.js';

const TENANT = '00000000-0000-4000-8000-0000000000cc';
const graph = { id: '77', tenantId: TENANT, incidentWebUrl: 'x', displayName: 'Ransomware' };
const recogniseDelivery = (body: unknown) => recogniseDeliveries(body)[0];

describe('an incident of Defender', () => {
  it('has a severity as a hint, and an alert of it has none', () => {
    const old = { incidentId: 77, tenantId: TENANT, incidentName: 'x', severity: 'Medium' };
    const alert = { id: 'da1_1', incidentId: '77', tenantId: TENANT, providerAlertId: 'x', severity: 'high' };
    const severities = [{ ...graph, severity: 'high' }, old, { ...graph, severity: 'made-up' }, alert].map(
      (body) => {
        const delivery = recogniseDelivery(body);
        return delivery.kind === 'incident' ? delivery.severity : expect.fail();
      },
    );
    expect(severities).toEqual(['high', 'medium', undefined, undefined]);
  });

  const link = `https://security.microsoft.com/incidents/77?tid=${TENANT.toUpperCase()}`;
  it.each<[string, unknown]>([
    ['of Microsoft Graph', graph],
    ['whose tenant is only in its link', { ...graph, tenantId: null, incidentWebUrl: link }],
    ['of the old API, with a number for its id', { incidentId: 77, incidentUri: link, alerts: [] }],
    ['of an alert of Graph', { id: 'da1_1', incidentId: '77', tenantId: TENANT, providerAlertId: 'da1_1' }],
    ['of an alert of Defender for Endpoint', { alertCreationTime: 'x', incidentId: 77, aadTenantId: TENANT }],
    [
      'of a change notification',
      { value: [{ subscriptionId: 'x', resource: "security/incidents('77')", tenantId: TENANT }] },
    ],
  ])('has one key: %s', (_what, body) => {
    const key = `xdr:${TENANT}/77`;
    const origin = { kind: 'defender', tenantId: TENANT, id: '77' };
    expect(recogniseDelivery(body)).toMatchObject({
      kind: 'incident',
      key,
      origin,
      instanceId: instanceIdOf(key),
    });
  });

  it('has the version of the incident, and not that of an alert', () => {
    const time = '2026-03-10T08:11:52.0417744Z';
    expect(recogniseDelivery({ ...graph, lastUpdateDateTime: time })).toMatchObject({
      title: 'Ransomware',
      modifiedAt: '2026-03-10T08:11:52.041Z',
    });
    const alert = {
      id: 'da1',
      incidentId: '77',
      tenantId: TENANT,
      lastUpdateDateTime: time,
      serviceSource: 'x',
    };
    const delivery = recogniseDelivery({ ...alert, evidence: [] });
    expect(delivery).toMatchObject({ deliveryKey: `alert da1 ${time}` });
    expect(delivery).not.toHaveProperty('modifiedAt');
  });

  it.each<[string, object]>([
    ['whose tenant is no id', { tenantId: 'contoso' }],
    ['with letters in its id', { id: '77a' }],
    ['whose id has another form', { id: '077' }],
  ])('is rejected: %s', (_what, change) => {
    const code = 'bad-incident-id';
    expect(recogniseDelivery({ ...graph, ...change })).toMatchObject({ kind: 'rejected', code, path: 'id' });
  });
});

const ALERT = {
  id: 'da77_1',
  providerAlertId: 'da77_1',
  incidentId: '77',
  serviceSource: 'microsoftDefenderForOffice365',
  alertWebUrl: 'https://security.microsoft.com/alerts/da77_1',
  incidentWebUrl: 'https://security.microsoft.com/incidents/77',
  evidence: [],
};

describe('an alert of Defender whose tenant or incident is not known', () => {
  it.each<[string, string, object]>([
    ['without a tenant', 'graph-alert', ALERT],
    ['with an empty tenant', 'graph-alert', { ...ALERT, tenantId: '' }],
    [
      'with an incident that Defender cannot have',
      'graph-alert',
      { ...ALERT, incidentId: '0x77', tenantId: TENANT },
    ],
    ['whose tenant is a domain', 'graph-alert', { ...ALERT, tenantId: 'contoso.com' }],
    ['of the older API', 'graph-alert', { id: 'da77_1', azureTenantId: TENANT, vendorInformation: {} }],
    ['of an endpoint', 'defender-alert', { id: 'da77_1', incidentId: 77, alertCreationTime: '2026-03-10' }],
    ['of the retired API', 'defender-alert', { alertId: 'da77_1', incidentId: 77 }],
    [
      'of a stream',
      'streaming-record',
      { category: 'AdvancedHunting-AlertInfo', properties: { AlertId: 'da77_1' } },
    ],
  ])('is known as an alert by its own id: %s', (_what, shape, body) => {
    expect(recogniseDelivery(body)).toMatchObject({
      kind: 'alert',
      shape,
      alert: { kind: 'defender', id: 'da77_1' },
    });
  });

  it('is rejected as an alert if it has no id either', () => {
    for (const [code, body] of [
      ['graph-alert', { ...ALERT, id: undefined }],
      ['defender-alert', { alertCreationTime: '2026-03-10', incidentId: 77 }],
    ] as const) {
      const reason = expect.stringMatching(/^This is an? .*alert/);
      expect(recogniseDelivery(body)).toMatchObject({ kind: 'rejected', code, reason });
    }
  });
});

it.each<[string, object, string, string]>([
  [
    'graph-incident',
    { ...graph, tenantId: null, incidentWebUrl: 'x' },
    'unknown-tenant',
    'security incident of Microsoft Graph',
  ],
  ['graph-incident', { ...graph, id: null }, 'no-incident-id', 'security incident of Microsoft Graph'],
  [
    'graph-incident',
    { ...graph, tenantId: 'contoso' },
    'bad-incident-id',
    'security incident of Microsoft Graph',
  ],
  [
    'xdr-incident',
    { incidentId: 924518, alerts: [] },
    'unknown-tenant',
    'incident of the retired Defender XDR API',
  ],
  [
    'graph-notification',
    { subscriptionId: 'x', changeType: 'updated', resource: 'security/incidents/77' },
    'unknown-tenant',
    'change notification about an incident',
  ],
])('a %s is named for what it is, with what it lacks', (_shape, body, code, what) => {
  const reason = expect.stringContaining(what);
  expect(recogniseDelivery(body)).toMatchObject({ kind: 'rejected', code, reason });
});

it('reads what an SDK printed of Microsoft Graph', () => {
  const printed = {
    id: '77',
    tenant_id: TENANT,
    incident_web_url: 'x',
    display_name: 'Ransomware',
    redirect_incident_id: null,
  };
  expect(recogniseDelivery(printed)).toMatchObject({
    kind: 'incident',
    key: `xdr:${TENANT}/77`,
    title: 'Ransomware',
  });
  const alert = { id: 'da77_1', provider_alert_id: 'da77_1', incident_id: '77', tenant_id: TENANT };
  expect(recogniseDelivery(alert)).toMatchObject({
    kind: 'incident',
    shape: 'graph-alert',
    key: `xdr:${TENANT}/77`,
  });
  const evidence = [
    {
      odata_type: '#microsoft.graph.security.userEvidence',
      user_account: { user_principal_name: 'mira.sato@fabrikam.com' },
    },
  ];
  const [read] = normaliseBody({ ...printed, alerts: [{ ...alert, evidence }] }, MAXIMUM_CHARACTERS);
  expect(read).toMatchObject({
    kind: 'incident',
    shape: 'graph-incident',
    incident: { entities: [{ kind: 'account', upn: 'mira.sato@fabrikam.com' }] },
  });
});

it.each<[string, string, object]>([
  ['log-query-error', 'Log Analytics', { error: { code: 'BadArgumentError', message: 'x', innererror: {} } }],
  ['service-error', 'a service', { error: { code: 'InternalServerError', message: 'x' } }],
  [
    'service-error',
    'a service',
    { error: { code: 'ServiceError', message: 'x', innerError: { 'request-id': 'x' } } },
  ],
  ['workflow-definition', 'the definition of an action', { Send: { type: 'ApiConnection', inputs: {} } }],
])('a %s is named for what it is: %s', (code, what, body) => {
  const reason = expect.stringContaining(what);
  expect(recogniseDelivery(body)).toMatchObject({ kind: 'rejected', code, reason });
});

it('names no instance for an incident of Defender whose tenant is unknown', () => {
  expect(() => instanceIdOf('xdr:unknown/5')).toThrow('tenant');
});
