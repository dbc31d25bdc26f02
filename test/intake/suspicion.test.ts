/** What each shape says about how suspicious its entities are, and what it leaves open. */
import { expect, it } from 'vitest';
import type { NormalisedIncident } from '../../src/domain/incident.js';
import { example, exampleText, only } from './read-example.js';

/** By the display name of the entity. */
const said = ({ entities, suspicion = {} }: NormalisedIncident, kind: string) =>
  Object.fromEntries(
    entities.flatMap((entity) =>
      entity.kind === kind ? [[entity.display, suspicion[entity.key]] as const] : [],
    ),
  );

it.each([
  ['graph-incident.json', 'host', { 'ws-001.corp.contoso.com': { alerts: { high: 1 } } }],
  ['graph-alert.json', 'account', { 'robin@contoso.com': { alerts: { high: 1 } } }],
  ['logic-apps-trigger-create.json', 'host', { 'ws-001.corp.contoso.com': undefined }],
])('%s: %s', (name, kind, expected) => {
  const incident = only(example(name));
  expect(said(incident, kind)).toMatchObject(expected);
});

it('counts the alerts of an export of the log by their severity, also where one entity is in several', () => {
  const incident = only(exampleText('log-export.json'));
  const sums = incident.alerts.map(({ severity }) => severity).sort();
  const all = Object.values(incident.suspicion ?? {}).map(({ alerts }) => alerts ?? {});
  for (const counts of all) {
    for (const [severity, count] of Object.entries(counts)) {
      expect(count).toBeLessThanOrEqual(sums.filter((one) => one === severity).length);
    }
  }
  // Every entity of an export comes from an alert.
  expect(all).toHaveLength(incident.entities.length);
});

const TENANT = '00000000-0000-4000-8000-0000000000cc';
const graph = (...evidence: object[][]) =>
  only({
    '@odata.type': '#microsoft.graph.security.incident',
    ...{ id: '78', tenantId: TENANT, displayName: 'x', severity: 'high', status: 'active' },
    alerts: evidence.map((one, i) => ({
      ...{ id: `da${i}`, severity: 'Low', title: 'x', incidentId: '78', tenantId: TENANT },
      evidence: one,
    })),
  });
const address = (more: object) => ({
  '@odata.type': '#microsoft.graph.security.ipEvidence',
  ipAddress: '203.0.113.9',
  ...more,
});

it.each([
  [[{ remediationStatus: 'none', roles: [] }], {}],
  [
    [{ remediationStatus: 'Prevented', roles: ['source', 'Contextual'] }],
    { remediation: 'done', role: 'contextual' },
  ],
  [[{ remediationStatus: 'blocked' }, { remediationStatus: 'active' }], { remediation: 'open' }],
  [[{ roles: ['contextual'] }, { roles: ['attacker'] }], { role: 'central' }],
  [[{ roles: 'constructor', remediationStatus: '__proto__' }], {}],
  [[{ roles: null, remediationStatus: 7 }], {}],
])('reads status and roles of evidence: %j', (evidence, expected) => {
  const incident = graph(...evidence.map((more) => [address(more)]));
  expect(incident.suspicion).toEqual({
    'ip:203.0.113.9': { alerts: { low: evidence.length }, ...expected },
  });
});

it('reads roles of the log and of streaming records', () => {
  const Entities = JSON.stringify([{ $id: '1', Type: 'ip', Address: '203.0.113.9', Roles: ['Contextual'] }]);
  expect(only({ SystemAlertId: 'a-1', TenantId: TENANT, AlertSeverity: 'Medium', Entities })).toMatchObject({
    suspicion: { 'ip:203.0.113.9': { role: 'contextual', alerts: { medium: 1 } } },
  });
  const record = { AlertId: 'da1', EntityType: 'Ip', RemoteIP: '203.0.113.9', EvidenceRole: 'Impacted' };
  const category = 'AdvancedHunting-AlertEvidence';
  expect(only({ tenantId: TENANT, category, properties: record })).toMatchObject({
    suspicion: { 'ip:203.0.113.9': { role: 'central', alerts: { unknown: 1 } } },
  });
});

it('counts an entity that two alerts name by different identifiers once for each, and one alert that comes twice once', () => {
  const mdeDeviceId = 'ab'.repeat(20);
  const device = (more: object) => ({ '@odata.type': '#microsoft.graph.security.deviceEvidence', ...more });
  const byId = device({ mdeDeviceId, deviceDnsName: 'ws-1.corp.contoso.com' });
  const byName = device({ deviceDnsName: 'ws-1.corp.contoso.com' });
  expect(graph([byId], [byName], [byName, byName]).suspicion).toEqual({
    [`host:mde:${mdeDeviceId}`]: { alerts: { low: 3 } },
  });
});

it('keeps the key of evidence of an unknown type whatever is found out about it', () => {
  const qubit = (more: object) => ({
    '@odata.type': '#microsoft.graph.security.qubitEvidence',
    spin: 'up',
    ...more,
  });
  const keyOf = (more: object) => graph([qubit(more)]).entities.map(({ key }) => key);
  const before = keyOf({ verdict: 'unknown', remediationStatus: 'active' });
  expect(keyOf({ verdict: 'malicious', remediationStatus: 'remediated', detailedRoles: ['x'] })).toEqual(
    before,
  );
  expect(keyOf({ spin: 'down' })).not.toEqual(before);
});
