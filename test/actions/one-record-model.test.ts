/** Any mixture of the identifiers of two records, in one or several entities: only one record, or none. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import type { Response } from '../../src/actions/define.js';
import disable from '../../src/actions/entra/disable-user.js';
import { resolveTarget } from '../../src/actions/run.js';
import type { Entity } from '../../src/domain/entities.js';
import { normaliseIncident } from '../../src/intake/index.js';
import { ADMIN, ARM_ID, type Contoso, DANA, MACHINE, startContoso, TWIN } from './contoso.js';

const SIDS = [
  'S-1-5-21-1000000001-1000000002-1000000003-1142',
  'S-1-5-21-1000000001-1000000002-1000000003-1143',
];
const CLOUD = ['S-1-12-1-0-1073741824-128-27262976', 'S-1-12-1-0-1073741824-128-60817408'];
const vm = (name: string) =>
  `/subscriptions/x/resourcegroups/rg/providers/microsoft.compute/virtualmachines/${name}`;
/** The two machines and the two users, by every identifier that an incident may give. */
const HOSTS = [
  {
    MdatpDeviceId: MACHINE,
    AadDeviceId: '00000000-0000-4000-8000-0000000de001',
    FQDN: 'ws-fin-0142.corp.contoso.com',
    friendlyName: 'ws-fin-0142.corp.contoso.com',
    azureID: vm('a'),
    dnsDomain: 'corp.contoso.com',
  },
  {
    MdatpDeviceId: TWIN,
    AadDeviceId: '00000000-0000-4000-8000-0000000de002',
    FQDN: 'ws-fin-0142.branch.contoso.com',
    friendlyName: 'ws-fin-0142.branch.contoso.com',
    azureID: vm('b'),
    dnsDomain: 'branch.contoso.com',
  },
];
const ACCOUNTS = [
  {
    aadUserId: DANA,
    UserPrincipalName: 'dana.ortiz@contoso.com',
    sid: SIDS[0],
    Sid: CLOUD[0],
    displayName: 'Dana Ortiz',
    friendlyName: 'Dana Ortiz',
    objectGuid: '03020100-0504-0706-0809-0a0b0c0d0e0f',
    accountName: 'dana.ortiz',
  },
  {
    aadUserId: ADMIN,
    UserPrincipalName: 'lee.andersen@contoso.com',
    sid: SIDS[1],
    Sid: CLOUD[1],
    displayName: 'Lee Andersen',
    friendlyName: 'Lee Andersen',
    objectGuid: '13121110-1514-1716-1819-1a1b1c1d1e1f',
    accountName: 'lee.andersen',
  },
];
type Ids = Readonly<Record<string, string | undefined>>;
interface Raw {
  readonly kind: 'Host' | 'Account';
  readonly properties: Record<string, unknown>;
  readonly values: readonly string[];
}

/** Some identifiers, each of one of the two, in one place or the other, in one letter case or the other. */
const rawOf = (kind: Raw['kind'], [one, other]: readonly Ids[]): fc.Arbitrary<Raw> => {
  const place = fc.constantFrom<'beside' | 'additional'>('beside', 'additional');
  const pick = fc.record({
    of: fc.constantFrom(one, one, one, other),
    place,
    upper: fc.boolean(),
    there: fc.boolean(),
  });
  const names = Object.keys(one ?? {});
  return fc.tuple(...names.map(() => pick)).map((picks) => {
    const properties: Record<string, unknown> = {};
    const additionalData: Record<string, unknown> = {};
    const values: string[] = [];
    picks.forEach(({ of, place: where, upper, there }, i) => {
      const name = names[i] ?? '';
      const value = of?.[name];
      if (!there || value === undefined) return;
      values.push(value.toLowerCase());
      (where === 'beside' ? properties : additionalData)[name] = upper ? value.toUpperCase() : value;
    });
    return { kind, values, properties: { ...properties, additionalData } };
  });
};
const raws = fc.oneof(
  fc.array(rawOf('Host', HOSTS), { minLength: 1, maxLength: 3 }),
  fc.array(rawOf('Account', ACCOUNTS), { minLength: 1, maxLength: 3 }),
);

let contoso: Contoso;
beforeAll(async () => {
  contoso = await startContoso();
  contoso.change(({ machines, users }) => {
    HOSTS.forEach(({ AadDeviceId, azureID }, i) => {
      Object.assign(machines[i] ?? {}, { aadDeviceId: AadDeviceId, vmMetadata: { resourceId: azureID } });
    });
    [users[0], users[2]].forEach((user, i) => {
      const displayName = ACCOUNTS[i]?.displayName;
      const link = ['AAECAwQFBgcICQoLDA0ODw==', 'EBESExQVFhcYGRobHB0eHw=='][i];
      const synced = { onPremisesSecurityIdentifier: SIDS[i], onPremisesImmutableId: link };
      Object.assign(user ?? {}, { ...synced, displayName });
    });
  });
});
afterAll(() => contoso.simulator.stop());

/** Everything that an entity says about itself. */
function saidBy(entity: Entity): string[] {
  if (entity.kind !== 'host' && entity.kind !== 'account') return [];
  const { further = [], kind: _kind, key: _key, display: _display, identity: _identity, ...fields } = entity;
  const own = Object.values(fields).flatMap((value) => (typeof value === 'string' ? [value] : []));
  return [...own, ...further.map(({ value }) => value)].map((value) => value.toLowerCase());
}

it('acts on a record only where every identifier is its own, and loses none on the way', async () => {
  let resolved = 0;
  await fc.assert(
    fc.asyncProperty(raws, async (given) => {
      const entities = given.map(({ kind, properties }, i) => ({ kind, name: `e${i}`, properties }));
      const read = normaliseIncident({
        incident: { id: ARM_ID, properties: { severity: 'High', status: 'New' } },
        alerts: [],
        entities,
      });
      const known = read.entities.filter(({ kind }) => kind === 'host' || kind === 'account');
      for (const raw of given) {
        const isIn = (entity: Entity) => raw.values.every((value) => saidBy(entity).includes(value));
        if (read.entities.some(({ kind }) => kind === 'other')) continue;
        expect(known.some(isIn)).toBe(true);
      }
      for (const entity of known) {
        const response = (entity.kind === 'host' ? isolate : disable) as Response;
        const query = response.target?.resolver.identify(entity);
        if (query?.ok !== true) continue;
        const result = await resolveTarget(response, query.input, contoso.context(response.name, entity.key));
        expect(result).toMatchObject({ ok: true });
        if (!result.ok || !result.value.ok) continue;
        resolved += 1;
        const { record } = result.value;
        const [own] = (entity.kind === 'host' ? HOSTS : ACCOUNTS).filter((ids) =>
          Object.values(ids).includes(record.id),
        );
        const allowed = Object.values(own ?? {}).flatMap((value) => [
          String(value).toLowerCase(),
          String(value).toLowerCase().split('.')[0] ?? '',
          String(value).toLowerCase().split('@')[0] ?? '',
        ]);
        for (const value of saidBy(entity)) expect(allowed).toContain(value);
        expect(JSON.stringify(result.value.input)).toContain(record.id);
      }
    }),
    { numRuns: 150 },
  );
  expect(resolved).toBeGreaterThan(20);
}, 120_000);
