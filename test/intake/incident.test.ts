import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incidentSchema } from '../../src/domain/incident.js';
import {
  alertListSchema,
  entityListSchema,
  incidentResourceSchema,
  normaliseIncident,
} from '../../src/intake/index.js';

const ID =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights' +
  '/workspaces/law-soc/providers/Microsoft.SecurityInsights/Incidents/00000000-0000-4000-8000-000000002001';
const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`examples/${name}.json`, import.meta.url), 'utf8'));
const read = (properties: Record<string, unknown>, alerts: unknown[] = [], entities: unknown[] = []) =>
  normaliseIncident({ incident: { id: ID, properties }, alerts, entities });

describe('an incident', () => {
  it('is read from the published examples', () => {
    const incident = normaliseIncident({
      incident: incidentResourceSchema.parse(example('rest-incident-get-2025')),
      alerts: alertListSchema.parse(example('rest-incident-alerts')).value,
      entities: entityListSchema.parse(example('rest-incident-entities')).entities,
    });
    expect(incidentSchema.parse(incident)).toEqual(incident);
    expect(incident).toMatchObject({
      number: '3177',
      severity: 'high',
      status: 'closed',
      provider: 'sentinel',
      owner: { objectId: '2046feea-040d-4a46-9e2b-91c2941bfa70', upn: 'john@contoso.com', name: 'john doe' },
      tactics: ['InitialAccess', 'Persistence'],
      ruleIds: ['fab3d2d4-747f-46a7-8ef0-9c0be8112bf7'],
      createdAt: '2019-01-01T13:15:30.000Z',
      etag: '"0300bf09-0000-0000-0000-5c37296e0000"',
      origin: { kind: 'sentinel', workspace: { resourceGroup: 'myRg', name: 'myWorkspace' } },
      alerts: [{ key: 'baa8a239-6fde-4ab7-a093-d09f7b75c58c', title: 'myAlert', severity: 'low' }],
      entities: [{ kind: 'account', identity: 'weak', key: 'account:nt:domain\\administrator' }],
      warnings: [],
    });
  });

  it('has no owner if the service returns "null"', () => {
    const list = example('rest-incidents-list-msticpy') as { value: unknown[] };
    const incident = incidentResourceSchema.parse(list.value[0]);
    const normalised = normaliseIncident({ incident, alerts: [], entities: [] });
    expect(normalised).toMatchObject({
      title: 'Test Incident',
      severity: 'medium',
      status: 'new',
      provider: 'other',
    });
    expect(normalised).not.toHaveProperty('owner');
    expect(
      read({ owner: { objectId: null, email: '', assignedTo: ' ', userPrincipalName: 'NULL' } }),
    ).not.toHaveProperty('owner');
  });

  it.each([
    ['HIGH', 'new', 'high', 'new'],
    ['informational', 'ACTIVE', 'informational', 'active'],
    ['Critical', 'Resolved', 'unknown', 'unknown'],
    [undefined, null, 'unknown', 'unknown'],
  ])('reads severity %s and status %s whatever their letter case', (severity, status, wanted, state) => {
    const incident = read({ severity, status });
    expect(incident).toMatchObject({ severity: wanted, status: state });
    expect(incident.warnings).toHaveLength(wanted === 'unknown' ? 2 : 0);
  });

  it('is merged, not closed, if Defender has moved its alerts to another incident', () => {
    const labels = [{ labelName: 'Redirected', labelType: 'AutoAssigned' }];
    const additionalData = { alertsCount: 0 };
    expect(read({ status: 'Closed', labels, additionalData }).status).toBe('merged');
    expect(read({ status: 'Closed', labels: [], additionalData }).status).toBe('closed');
    expect(read({ status: 'Active', labels, additionalData }).status).toBe('active');
    expect(read({ status: 'Closed', labels, additionalData: { alertsCount: 2 } }).status).toBe('closed');
  });

  it.each([
    ['2026-03-10T08:12:00Z', '2026-03-10T08:12:00.000Z'],
    ['2026-03-10T08:12:00', '2026-03-10T08:12:00.000Z'],
    ['2026-03-10T08:12:00.1', '2026-03-10T08:12:00.100Z'],
    ['2026-03-10T08:12:00.1234567', '2026-03-10T08:12:00.123Z'],
    ['2026-03-10T08:12:00.1234567Z', '2026-03-10T08:12:00.123Z'],
    ['2026-03-10T08:12:00.12+00:00', '2026-03-10T08:12:00.120Z'],
    ['2026-03-10T00:12:00.0000000-08:00', '2026-03-10T08:12:00.000Z'],
    ['2026-03-10 08:12:00.002785+00:00', '2026-03-10T08:12:00.002Z'],
    ['2026-03-10 08:12:00', '2026-03-10T08:12:00.000Z'],
    ['2026-03-10', '2026-03-10T00:00:00.000Z'],
    ['03/10/2026 08:12:00', '2026-03-10T08:12:00.000Z'],
    ['0001-01-01T00:00:00', undefined],
    ['0001-01-01T00:00:00Z', undefined],
    ['2026-02-30T00:00:00Z', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['yesterday', undefined],
    ['', undefined],
    [null, undefined],
  ])('reads the time %s as UTC', (given, wanted) => {
    expect(read({ createdTimeUtc: given }).createdAt).toBe(wanted);
  });

  it('does not change text, except for invisible characters', () => {
    expect(read({ title: '\u200bBe\u202egin\u202c <b>“x”</b>\u00a0\ufffd ' }).title).toBe(
      'Begin <b>“x”</b>\u00a0\ufffd',
    );
    expect(read({ title: '' }).title).toBe('(no title)');
    expect(read({ description: null }).description).toBe('');
  });

  it('accepts numbers and texts as ids', () => {
    expect(read({ incidentNumber: 2001 }).number).toBe('2001');
    expect(read({ incidentNumber: '2001' }).number).toBe('2001');
  });

  it('has the rule of a scheduled alert, and the product of the alert', () => {
    const alert = example('rest-entity-securityalert');
    expect(read({}, [alert])).toMatchObject({
      alerts: [
        {
          ruleId: '46c7b6c0-ff43-44dd-8b4d-ceffff7aa7df',
          product: 'Azure Sentinel',
          startedAt: '2019-07-06T08:21:45.926Z',
        },
      ],
      products: ['Azure Sentinel'],
    });
  });

  it('has the workspace id from alerts of the same resource group, if they agree', () => {
    const alert = (workspaceId: string, resourceGroup = 'RG-SOC') => ({
      kind: 'SecurityAlert',
      name: workspaceId,
      properties: {
        resourceIdentifiers: [
          { type: 'AAD' },
          {
            type: 'LogAnalytics',
            workspaceId,
            subscriptionId: '00000000-0000-4000-8000-0000000000aa',
            resourceGroup,
          },
        ],
      },
    });
    expect(read({}, [alert('AB'), alert('ab'), alert('cd', 'rg-other')]).origin).toHaveProperty(
      'workspace.customerId',
      'ab',
    );
    expect(read({}, [alert('ab'), alert('cd')]).origin).not.toHaveProperty('workspace.customerId');
  });

  it('counts an alert once', () => {
    const alert = example('rest-entity-securityalert');
    expect(read({}, [alert, alert]).alerts).toHaveLength(1);
  });

  it('is an error only without a valid id', () => {
    expect(() =>
      normaliseIncident({ incident: { id: 'x', properties: {} }, alerts: [], entities: [] }),
    ).toThrow(
      expect.objectContaining({
        info: expect.objectContaining({ code: 'bad-incident-id', fault: 'service' }),
      }),
    );
  });

  it('is read from any JSON', () => {
    const json = fc.jsonValue();
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), json),
        fc.array(json),
        fc.array(json),
        (properties, alerts, entities) => {
          const incident = read(properties, alerts, entities);
          expect(incidentSchema.safeParse(incident).success).toBe(true);
        },
      ),
    );
  });

  it('tolerates very deep nesting', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 50_000; i += 1) deep = [deep];
    const entity = { kind: 'Odd', properties: { deep } };
    expect(read({ deep }, [entity], [entity]).entities).toHaveLength(1);
  });
});
