/** Which alerts name the entities of an incident of Sentinel, by the rows of its log. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normaliseIncident, suspicionInLog } from '../../src/intake/index.js';

const ID =
  '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights' +
  '/workspaces/law-soc/providers/Microsoft.SecurityInsights/Incidents/00000000-0000-4000-8000-000000002001';
const MDE = 'ab'.repeat(20);
const fqdn = (name: string) => `${name}.corp.contoso.com`;
const alerts = ['High', 'Low', 'Low'].map((severity, i) => ({
  name: `A-${i}`,
  kind: 'SecurityAlert',
  properties: { systemAlertId: `A-${i}`, severity, alertDisplayName: 'x' },
}));
/** By all its identifiers, by its name, and by its name alone. */
const entities = [
  { MdatpDeviceId: MDE, FQDN: fqdn('ws-1') },
  { FQDN: fqdn('ws-2') },
  { hostName: 'ws-3' },
].map((additionalData, i) => ({ name: `e${i}`, kind: 'Host', properties: { additionalData } }));
const incident = (alertsCount = alerts.length) =>
  normaliseIncident({
    incident: { id: ID, properties: { severity: 'High', status: 'New', additionalData: { alertsCount } } },
    alerts,
    entities,
  });
const row = (index: number, hosts: object[]) => ({
  SystemAlertId: `a-${index}`,
  Entities: JSON.stringify(hosts.map((host, i) => ({ $id: String(i), Type: 'host', ...host }))),
});
/** The log names the first by its name alone, and the second by an id that the incident does not have. */
const rows = [
  row(0, [{ FQDN: fqdn('ws-1') }]),
  row(1, [{ MdatpDeviceId: 'cd'.repeat(20), FQDN: fqdn('ws-2') }, { FQDN: fqdn('ws-9') }]),
  row(2, [{ FQDN: fqdn('ws-1') }, { FQDN: fqdn('ws-1') }]),
];

it('finds entities that the log names by fewer identifiers, or by more, in any order', () => {
  const order = fc.shuffledSubarray(rows, { minLength: rows.length });
  fc.assert(
    fc.property(order, (some) => {
      expect(suspicionInLog(incident(), some)).toEqual({
        [`host:mde:${MDE}`]: { alerts: { high: 1, low: 1 } },
        [`host:fqdn:${fqdn('ws-2')}`]: { alerts: { low: 1 } },
        'host:name:ws-3': { alerts: {} },
      });
    }),
    { numRuns: 10, seed: 35 },
  );
});

it.each([
  ['lacks a row', incident(), rows.slice(0, 2)],
  ['has all rows of an incident that has more alerts', incident(9), rows],
  ['has a row that was cut', incident(), [...rows.slice(0, 2), { ...rows[2], Entities: '[{"$id":"0"' }]],
])('does not say that no alert names an entity if it %s', (_name, about, some) => {
  const suspicion = suspicionInLog(about, some);
  expect(suspicion).not.toHaveProperty('host:name:ws-3');
  expect(suspicion[`host:mde:${MDE}`]?.alerts).toMatchObject({ high: 1 });
});

it('counts no row of an alert that the incident does not have, and no row without an id', () => {
  const others = [row(7, [{ FQDN: fqdn('ws-2') }]), { Entities: 'no JSON' }, { SystemAlertId: null }];
  expect(suspicionInLog(incident(), others)).toEqual({});
});
