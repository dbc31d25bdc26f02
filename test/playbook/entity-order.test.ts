/** Which entities of an incident the limit of an enrichment leaves out, and that no order of what arrives decides it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entity } from '../../src/domain/entities.ts';
import type { Incident, NormalisedIncident } from '../../src/domain/incident.ts';
import type { Suspicion } from '../../src/domain/suspicion.ts';
import { catalogueOf, compileEnrichments, type Playbook } from '../../src/playbook/index.ts';
import { only } from '../intake/read-example.ts';
import { account, catalogue, host, incident, playbookOf, playbookText } from './contoso.ts';

const limitedTo = (limit: number) =>
  playbookOf(playbookText('true').replace('for: host, deadline', `for: host, limit: ${limit}, deadline`));
const [one, unlimited] = [limitedTo(1), limitedTo(100)];

/** The entities of the kind of the device enrichment in the order in which they are enriched, and why others are not. */
function orderOf(about: Incident, playbook: Playbook = unlimited) {
  const { tasks, findings } = compileEnrichments(playbook, about, anyHost);
  return {
    keys: tasks.flatMap(({ as, entityKey }) => (as === 'device' ? [entityKey] : [])),
    left: findings.flatMap((finding) =>
      finding.status === 'failed' && finding.error.code === 'over-limit'
        ? [{ key: finding.entityKey, why: finding.error.message }]
        : [],
    ),
  };
}
const anyHost = catalogueOf([
  ...[...catalogue.enrichments.values()].map((action) => ({
    ...action,
    resolver: { identify: ({ key }: Entity) => ({ ok: true as const, input: { key } }) },
  })),
  ...catalogue.responses.values(),
]);

const known = (name: string): Entity => ({
  kind: 'host',
  key: `host:fqdn:${name}`,
  display: name,
  identity: 'strong',
  fqdn: name,
});

/** Hosts from the first to the last. */
const ordered: readonly (readonly [string, Suspicion | undefined, Partial<Entity>])[] = [
  ['found malicious', undefined, { verdict: 'malicious' }],
  ['found malicious, and remediated', { remediation: 'done' }, { verdict: 'malicious' }],
  ['found suspicious', undefined, { verdict: 'suspicious' }],
  ['not remediated', { remediation: 'open' }, {}],
  ['what an alert is about', { role: 'central', alerts: { low: 1 } }, {}],
  ['named by two alerts of high severity', { alerts: { high: 2 } }, {}],
  ['named by one, and many others', { alerts: { high: 1, low: 40 } }, {}],
  ['named by one of high severity', { alerts: { high: 1 } }, {}],
  ['named by many of medium severity', { alerts: { medium: 9 } }, {}],
  ['named by one of unknown severity', { alerts: { unknown: 1 } }, {}],
  ['nothing is known about its alerts', undefined, {}],
  ['named by no alert', { alerts: {} }, {}],
  ['only contextual', { role: 'contextual', alerts: { high: 9 } }, {}],
  ['remediated', { remediation: 'done', alerts: { high: 9 } }, {}],
  ['found clean', { alerts: { high: 9 } }, { verdict: 'clean' }],
  ['a bare name, found malicious', { alerts: { high: 9 } }, { identity: 'weak', verdict: 'malicious' }],
  ['a bare name', undefined, { identity: 'weak' }],
];

it('puts what a response may act on first, then the most suspicious', () => {
  const entities = ordered.map(([name, , more], i) => ({ ...known(`${99 - i} ${name}`), ...more }) as Entity);
  const suspicion = Object.fromEntries(
    ordered.flatMap(([, one], i) => (one === undefined ? [] : [[entities[i]?.key ?? '', one]])),
  );
  fc.assert(
    fc.property(fc.shuffledSubarray(entities, { minLength: entities.length }), (shuffled) => {
      expect(orderOf(incident(shuffled, { suspicion })).keys).toEqual(entities.map(({ key }) => key));
    }),
    { numRuns: 50, seed: 35 },
  );
});

it('prefers the better identified of equally suspicious ones, and the more suspicious of those that can be acted on', () => {
  const [byName, byId] = [known('a.corp.contoso.com'), host('z')];
  expect(orderOf(incident([byName, byId])).keys).toEqual([byId.key, byName.key]);
  const suspicion = { [byName.key]: { alerts: { high: 2 } }, [byId.key]: { alerts: { high: 1 } } };
  expect(orderOf(incident([byName, byId], { suspicion })).keys).toEqual([byName.key, byId.key]);
});

it('says of each that it leaves out what is known of it', () => {
  const entities = [host('a'), host('b'), host('c', 'weak')];
  const suspicion = { 'host:mde:a': { alerts: { low: 1 } }, 'host:mde:b': { alerts: { high: 1, low: 2 } } };
  const { keys, left } = orderOf(incident(entities, { suspicion }), one);
  expect(keys).toEqual(['host:mde:b']);
  expect(left).toEqual([
    { key: 'host:mde:a', why: expect.stringMatching(/at most 1 .* there are 3.*named by 1 alert \(1 low\)/) },
    {
      key: 'host:mde:c',
      why: expect.stringMatching(/name that others may share.*alerts name it is not known/),
    },
  ]);
});

it.each(['account', 'ip', 'file', 'mailbox'] as const)(
  'orders entities of kind %s in the same way',
  (kind) => {
    const common = { display: 'x', identity: 'strong' } as const;
    const of: Record<typeof kind, (name: string) => Entity> = {
      account,
      ip: (name) => ({ kind: 'ip', key: `ip:${name}`, address: name, scope: 'public', ...common }),
      file: (name) => ({ kind: 'file', key: `file:${name}`, name, hashes: [], ...common }),
      mailbox: (name) => ({ kind: 'mailbox', key: `mailbox:${name}`, address: name, ...common }),
    };
    const entities = ['a', 'b', 'c'].map(of[kind]);
    const [a, b, c] = entities.map(({ key }) => key) as [string, string, string];
    const rule = { ...one.enrich[0], for: kind } as Playbook['enrich'][number];
    const suspicion = { [b]: { alerts: { high: 1 } }, [c]: { alerts: {} } };
    const { keys, left } = orderOf(incident(entities, { suspicion }), { ...one, enrich: [rule] });
    expect([...keys, ...left.map(({ key }) => key)]).toEqual([b, a, c]);
  },
);

describe('an incident of several alerts', () => {
  const HOSTS = ['ws-1', 'ws-2', 'ws-3', 'ws-4', 'ws-5'];
  const alert = fc.record({
    severity: fc.constantFrom('high', 'medium', 'low', 'informational'),
    hosts: fc.uniqueArray(fc.nat(HOSTS.length - 1), { minLength: 1 }),
  });
  const alerts = fc.array(alert, { minLength: 1, maxLength: 5 });
  const mdeId = (index: number) => `${index}a`.repeat(20);
  const fqdn = (index: number) => `${HOSTS[index]}.corp.contoso.com`;
  type Alerts = readonly {
    readonly severity: string;
    readonly hosts: readonly number[];
    readonly id: string;
  }[];
  const tenantId = '00000000-0000-4000-8000-0000000000cc';
  const incidentId = '77';

  const shapes: Readonly<Record<string, (alerts: Alerts) => NormalisedIncident>> = {
    'Microsoft Graph': (list) =>
      only({
        '@odata.type': '#microsoft.graph.security.incident',
        ...{ id: incidentId, tenantId, displayName: 'x', severity: 'high', status: 'active' },
        alerts: list.map(({ id, severity, hosts }) => ({
          ...{ id, severity, title: id, incidentId, tenantId },
          evidence: hosts.map((index) => ({
            '@odata.type': '#microsoft.graph.security.deviceEvidence',
            ...{ mdeDeviceId: mdeId(index), deviceDnsName: fqdn(index), verdict: 'unknown' },
          })),
        })),
      }),
    'the retired Defender API': (list) =>
      only({
        ...{ incidentId: 77, incidentName: 'x', severity: 'High', status: 'Active', tenantId },
        alerts: list.map(({ id, severity, hosts }) => ({
          ...{ alertId: id, incidentId: 77, severity, title: id },
          entities: [],
          devices: hosts.map((index) => ({ mdatpDeviceId: mdeId(index), deviceDnsName: fqdn(index) })),
        })),
      }),
    'the log': (list) =>
      only({
        SecurityIncident: {
          ...{ IncidentName: '00000000-0000-4000-8000-000000002001', TenantId: tenantId, Title: 'x' },
          ...{ Severity: 'High', Status: 'New', AlertIds: JSON.stringify(list.map(({ id }) => id)) },
        },
        SecurityAlert: list.map(({ id, severity, hosts }) => ({
          ...{ SystemAlertId: id, AlertSeverity: severity, DisplayName: id, TenantId: tenantId },
          Entities: JSON.stringify(
            hosts.map((index, i) => ({
              ...{ $id: String(i), Type: 'host', HostName: HOSTS[index] },
              ...{ MdatpDeviceId: mdeId(index), FQDN: fqdn(index) },
            })),
          ),
        })),
      }),
  };
  const asHandled = (read: NormalisedIncident) => incident(read.entities, { suspicion: read.suspicion });

  it('has one order and one hash, whatever the order of alerts and entities and in every shape', () => {
    const shuffled = alerts.chain((list) => {
      const named = list.map((one, i) => ({ ...one, id: `da${i}` }));
      const again = fc
        .shuffledSubarray(named, { minLength: named.length })
        .chain((some) =>
          fc.tuple(
            ...some.map((one) =>
              fc
                .shuffledSubarray(one.hosts, { minLength: one.hosts.length })
                .map((hosts) => ({ ...one, hosts })),
            ),
          ),
        );
      return fc.tuple(fc.constant(named), again);
    });
    fc.assert(
      fc.property(shuffled, ([first, second]) => {
        const orders = Object.values(shapes).map((read) => {
          const [one, other] = [read(first), read(second)];
          expect(other).toEqual(one);
          return orderOf(asHandled(one)).keys;
        });
        const [order] = orders;
        expect(orders).toEqual(orders.map(() => order));
        expect(order).toEqual(byHand(first));
      }),
      { numRuns: 25, seed: 35 },
    );
  });

  function byHand(list: Alerts): string[] {
    const severities = ['high', 'medium', 'low', 'informational'];
    const counts = HOSTS.map((_name, index) =>
      severities.map(
        (severity) => list.filter((one) => one.severity === severity && one.hosts.includes(index)).length,
      ),
    );
    const named = HOSTS.map((_name, index) => index).filter((index) => counts[index]?.some((n) => n > 0));
    const place = (index: number) => (counts[index] ?? []).map((n) => String(9 - n)).join('');
    return named
      .sort((a, b) => (place(a) === place(b) ? a - b : place(a) < place(b) ? -1 : 1))
      .map((index) => `host:mde:${mdeId(index)}`);
  }
});
