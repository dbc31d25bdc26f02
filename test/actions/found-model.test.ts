/** Random tenants with stale, merged, duplicate and renamed records, and hosts with random identifiers of them. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import type { Response } from '../../src/actions/define.js';
import { resolveTarget } from '../../src/actions/run.js';
import type { Entity } from '../../src/domain/entities.js';
import { normaliseEntities } from '../../src/intake/entities/index.js';
import { type Contoso, startContoso, tenant } from './contoso.js';

const response = isolate as Response;
const idOf = (i: number) => `${i}142fade`.repeat(5);
const deviceId = (i: number) => `00000000-0000-4000-8000-0000000de00${i}`;
const NAMES = ['ws-1.corp.contoso.com', 'ws-1.branch.contoso.com', 'ws-1', 'ws-2.corp.contoso.com'] as const;
const SEEN = ['2025-11-02T07:00:00Z', '2026-03-01T07:00:00Z', '2026-03-10T07:00:00Z', null] as const;
const START_OF_STALE = Date.parse('2026-02-08T08:12:00Z');

interface Machine {
  readonly id: string;
  readonly computerDnsName: string;
  readonly healthStatus: 'Active' | 'Inactive';
  readonly lastSeen: string | null;
  readonly isPotentialDuplication: boolean;
  readonly aadDeviceId: string | null;
  readonly mergedIntoMachineId: string | null;
}
const machine = (i: number, count: number): fc.Arbitrary<Machine> =>
  fc
    .record({
      computerDnsName: fc.constantFrom(...NAMES),
      healthStatus: fc.constantFrom('Active', 'Inactive'),
      lastSeen: fc.constantFrom(...SEEN),
      isPotentialDuplication: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
      aadDeviceId: fc.constantFrom(null, deviceId(i), deviceId(0)),
      merged: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.nat(count)),
    })
    .map(({ merged, ...fields }) => ({
      ...fields,
      id: idOf(i),
      mergedIntoMachineId: merged === undefined ? null : idOf(merged),
    }));
const machines = fc
  .integer({ min: 1, max: 4 })
  .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => machine(i, n))));
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const host = fc.record({
  mdeId: some(fc.nat(4).map(idOf)),
  aadDeviceId: some(fc.nat(4).map(deviceId)),
  fqdn: some(fc.constantFrom(...NAMES.filter((name) => name.includes('.')))),
  hostName: some(fc.constantFrom('ws-1', 'ws-2')),
});

let contoso: Contoso;
beforeAll(async () => {
  contoso = await startContoso();
});
afterAll(() => contoso.simulator.stop());

/** The record that one was merged into at last; undefined: none, or a circle. */
function currentOf(all: readonly Machine[], id: string): Machine | undefined {
  let now = all.find((one) => one.id === id);
  for (let i = 0; now?.mergedIntoMachineId && i < 10; i += 1) {
    const next = now.mergedIntoMachineId;
    now = all.find((one) => one.id === next);
  }
  return now?.mergedIntoMachineId ? undefined : now;
}
const label = (name: string) => name.split('.')[0];
const seenAt = ({ lastSeen }: Machine) => Date.parse(lastSeen ?? '');
const mayBeStale = (one: Machine) =>
  one.healthStatus === 'Inactive' || one.isPotentialDuplication || seenAt(one) < START_OF_STALE;

async function resolved(all: readonly Machine[], ids: Readonly<Record<string, string | undefined>>) {
  const [first] = (tenant() as { machines: object[] }).machines;
  contoso.change((state) => {
    state.machines = all.map((one) => ({ ...first, ...one })) as unknown as typeof state.machines;
  });
  const { mdeId, aadDeviceId, fqdn, hostName } = ids;
  const additionalData = { MdatpDeviceId: mdeId, AadDeviceId: aadDeviceId, FQDN: fqdn };
  const [entity] = normaliseEntities([
    { kind: 'Host', name: 'e', properties: { hostName, additionalData } },
  ]).entities;
  const query = response.target?.resolver.identify(entity as Entity);
  if (entity?.kind !== 'host' || query?.ok !== true) return undefined;
  const result = await resolveTarget(response, query.input, contoso.context(isolate.name, entity.key));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

it('acts on no record that an identifier contradicts, on none found by a short name, and on none that was merged', async () => {
  const seen = { ok: 0, candidates: 0, merged: 0 };
  await fc.assert(
    fc.asyncProperty(machines, host, async (all, ids) => {
      const value = await resolved(all, ids);
      if (value === undefined) return;
      if (!value.ok) {
        seen.candidates += value.candidates?.length ?? 0;
        return;
      }
      seen.ok += 1;
      const own = all.find(({ id }) => id === value.record.id);
      if (own === undefined) throw new Error('no such record');
      expect(own.mergedIntoMachineId).toBeNull();
      expect(value.record.certainty).toBe('certain');
      const { mdeId, aadDeviceId, fqdn, hostName } = ids;
      const isOwn = (one: Machine) => currentOf(all, one.id)?.id === own.id;
      const owners = (test: (one: Machine) => boolean) => all.filter(test);
      if (mdeId !== undefined) {
        expect(currentOf(all, mdeId)?.id).toBe(own.id);
        if (mdeId !== own.id) seen.merged += 1;
      }
      if (aadDeviceId !== undefined && own.aadDeviceId !== aadDeviceId) {
        const theirs = owners((one) => one.aadDeviceId === aadDeviceId);
        expect(theirs.every(isOwn)).toBe(true);
        if (own.aadDeviceId !== null) expect(theirs).not.toEqual([]);
      }
      for (const name of [fqdn, hostName].flatMap((one) => one ?? [])) {
        const matches = (one: Machine) =>
          name.includes('.') ? one.computerDnsName === name : label(one.computerDnsName) === name;
        if (matches(own)) continue;
        const theirs = owners(matches);
        expect(theirs.every(isOwn)).toBe(true);
        const isShort = own.computerDnsName === label(name);
        expect(theirs.length > 0 || isShort).toBe(true);
      }
      // Something that belongs to one record only led to it.
      const byId = [mdeId, aadDeviceId].some((id) => id !== undefined);
      expect(byId || owners((one) => one.computerDnsName === fqdn).some(isOwn)).toBe(true);
    }),
    { numRuns: 600 },
  );
  expect(seen.ok).toBeGreaterThan(15);
  expect(seen.candidates).toBeGreaterThan(0);
  expect(seen.merged).toBeGreaterThan(0);
}, 120_000);

it('finds the record in use wherever there is exactly one of a name', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(machines, async (all) => {
      const [name] = NAMES;
      const lineages = all.filter((one) => one.computerDnsName === name).map((one) => currentOf(all, one.id));
      if (lineages.length === 0 || lineages.includes(undefined)) return;
      const current = [...new Set(lineages)].flatMap((one) => one ?? []);
      const inUse = current.filter((one) => !mayBeStale(one) && one.computerDnsName === name);
      const [only] = inUse;
      const value = await resolved(all, { fqdn: name });
      if (only === undefined || inUse.length > 1) {
        // Of several in use, or of several stale ones, none is taken.
        const named = current.filter((one) => one.computerDnsName === name);
        if (named.length > 1) expect(value).toMatchObject({ ok: false });
        return;
      }
      const others = current.filter((one) => one !== only && one.computerDnsName === name);
      if (!others.every((one) => seenAt(one) < seenAt(only))) return;
      if (current.some((one) => one.computerDnsName !== name && !others.includes(one))) return;
      found += 1;
      expect(value).toMatchObject({ ok: true, record: { id: only.id } });
    }),
    { numRuns: 400 },
  );
  expect(found).toBeGreaterThan(10);
}, 120_000);
