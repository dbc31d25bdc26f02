import { describe, expect, it } from 'vitest';
import { instanceIdOf, recogniseDeliveries } from '../../src/intake/index.js';

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

it('names no instance for an incident of Defender whose tenant is unknown', () => {
  expect(() => instanceIdOf('xdr:unknown/5')).toThrow('tenant');
});
