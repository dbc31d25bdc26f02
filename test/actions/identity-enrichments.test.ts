/** What is known of a user: roles, registered methods, risk detections. What is not known is absent, never zero. */
import { describe, expect, it } from 'vitest';
import { enrichments } from '../../src/actions/registry.generated.js';
import { runEnrichment } from '../../src/actions/run.js';
import { type Contoso, DANA, failing, GRAPH, withContoso } from './contoso.js';

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';
const role = (id: string, displayName: string) => ({ id, displayName, isBuiltIn: true });
const group = (id: string, more: object) => ({ id, displayName: id, members: [DANA], ...more });

async function look(name: string, contoso: Contoso) {
  const action = enrichments.find((one) => one.name === name);
  if (action === undefined) throw new Error(`no enrichment ${name}`);
  return runEnrichment(action, { objectId: DANA }, contoso.context(name, DANA));
}
const change = (contoso: Contoso, more: object) =>
  contoso.change(({ users }) => Object.assign(users.find(({ id }) => id === DANA) ?? {}, more));

describe.concurrent('the roles of a user', () => {
  it('are those held directly, by groups within groups, and those that can be activated', () =>
    withContoso([], async (contoso) => {
      change(contoso, {
        directoryRoles: [role('r1', 'Security Reader')],
        eligibleRoles: [role('r2', 'Exchange Administrator')],
      });
      contoso.change(({ groups }) => {
        groups.push(
          group('g1', {
            isAssignableToRole: true,
            directoryRoles: [role(GLOBAL_ADMINISTRATOR, 'Global Administrator')],
            eligibleRoles: [role('r3', 'Intune Administrator')],
          }),
        );
      });
      expect(await look('entra.roles', contoso)).toMatchObject({
        value: {
          administrator: true,
          globalAdministrator: true,
          active: ['Global Administrator', 'Security Reader'],
          byGroup: ['Global Administrator'],
          eligible: ['Exchange Administrator', 'Intune Administrator'],
          groups: ['g1'],
        },
      });
    }));

  it('are none for an ordinary user, and unknown without the permission', () =>
    withContoso([], async (contoso) => {
      expect(await look('entra.roles', contoso)).toMatchObject({
        value: { administrator: false, active: [], eligible: [], groups: [] },
      });
      contoso.change(({ app }) => {
        app.permissions.graph = app.permissions.graph.filter((name) => name !== 'GroupMember.Read.All');
      });
      expect(await look('entra.roles', contoso)).toMatchObject({ ok: false, error: { httpStatus: 403 } });
    }));

  it('lack those that can be activated without the licence', () =>
    withContoso([], async (contoso) => {
      contoso.change(({ tenant }) => Object.assign(tenant, { licence: 'P1' }));
      const found = await look('entra.roles', contoso);
      expect(found).toMatchObject({ value: { administrator: false } });
      expect(found.ok && found.value).not.toHaveProperty('eligible');
    }));
});

describe.concurrent('the methods that a user has registered', () => {
  it('are those of the report', () =>
    withContoso([], async (contoso) => {
      expect(await look('entra.mfa-registration', contoso)).toMatchObject({
        value: {
          registered: true,
          capable: false,
          methods: ['email', 'mobilePhone'],
          updatedAt: '2026-03-09T22:00:00Z',
        },
      });
    }));

  it.each<[string, (contoso: Contoso) => void, string]>([
    ['the user is not in the report', (contoso) => change(contoso, { registration: undefined }), 'not-found'],
    [
      'the tenant has no licence',
      ({ change }) => change(({ tenant }) => Object.assign(tenant, { licence: 'free' })),
      'not-licensed',
    ],
  ])('are unknown if %s', (_why, prepare, code) =>
    withContoso([], async (contoso) => {
      prepare(contoso);
      expect(await look('entra.mfa-registration', contoso)).toMatchObject({ ok: false, error: { code } });
    }),
  );
});

describe.concurrent('the risk detections of a user', () => {
  const detection = (id: string, activityDateTime: string, more: object = {}) => ({
    id,
    userId: DANA,
    activityDateTime,
    riskEventType: 'anomalousToken',
    riskLevel: 'high',
    riskState: 'atRisk',
    ipAddress: '203.0.113.77',
    ...more,
  });
  const detected = ({ change }: Contoso) =>
    change(({ riskDetections }) => {
      riskDetections.push(
        detection('1', '2026-03-10T07:40:00Z'),
        detection('2', '2026-03-09T07:40:00Z', { riskLevel: 'medium', riskState: 'dismissed' }),
        detection('3', '2026-01-01T00:00:00Z', { riskEventType: 'leakedCredentials' }),
        detection('4', '2026-03-10T07:40:00Z', { userId: 'another' }),
      );
    });

  it('are those of thirty days', () =>
    withContoso([], async (contoso) => {
      detected(contoso);
      expect(await look('entra.risk-detections', contoso)).toMatchObject({
        value: {
          ...{ days: 30, total: 2, high: 1, medium: 1, open: 1, complete: true },
          types: ['anomalousToken'],
          addresses: ['203.0.113.77'],
          latestAt: '2026-03-10T07:40:00Z',
        },
      });
    }));

  it('are lower bounds where the list was cut, and unknown where a part holds none', () =>
    withContoso([failing(GRAPH, /riskDetections/, { kind: 'part' }, 'GET', 1)], async (contoso) => {
      detected(contoso);
      const found = await look('entra.risk-detections', contoso);
      expect(found).toMatchObject({ value: { total: 1, high: 1, complete: false } });
      expect(found.ok && found.value.medium).toBeUndefined();
    }));

  it('say so where a list is longer than what they hold', () =>
    withContoso([], async (contoso) => {
      contoso.change(({ riskDetections }) => {
        for (let n = 0; n < 60; n++) {
          riskDetections.push(detection(`${n}`, '2026-03-10T07:40:00Z', { ipAddress: `203.0.113.${n}` }));
        }
      });
      const found = await look('entra.risk-detections', contoso);
      expect(found).toMatchObject({ value: { total: 60, complete: false } });
      expect(found.ok && found.value.addresses).toHaveLength(50);
    }));

  it('are unknown without the licence', () =>
    withContoso([], async (contoso) => {
      contoso.change(({ tenant }) => Object.assign(tenant, { licence: 'P1' }));
      expect(await look('entra.risk-detections', contoso)).toMatchObject({ error: { code: 'not-licensed' } });
    }));
});
