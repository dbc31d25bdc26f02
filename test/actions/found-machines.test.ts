/** How the machine of a host is found, and which of several records is the one: against the simulated tenant. */
import { describe, expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import type { Response } from '../../src/actions/define.js';
import { enrichments } from '../../src/actions/registry.generated.js';
import { resolveTarget, runEnrichment, runResponse } from '../../src/actions/run.js';
import type { EntityOf } from '../../src/domain/entities.js';
import { type Contoso, DEFENDER, failing, MACHINE, TWIN, withContoso } from './contoso.js';

const FQDN = 'ws-fin-0142.corp.contoso.com';
const DEVICE_ID = '00000000-0000-4000-8000-0000000de001';
const VM = '/subscriptions/x/resourcegroups/rg/providers/microsoft.compute/virtualmachines/ws-fin-0142';
const THIRD = '0143fade'.repeat(5);
const RECENT = { lastSeen: '2026-03-10T08:00:00Z' };
const STALE = { computerDnsName: FQDN, healthStatus: 'Inactive', lastSeen: '2025-11-02T07:00:00Z' };

type Machines = readonly (object | undefined)[];
/** Changes the first machines of the tenant, which have the ids MACHINE, TWIN and THIRD. */
const machines =
  (...changes: Machines) =>
  (contoso: Contoso) =>
    contoso.change((state) => {
      changes.forEach((change, i) => {
        Object.assign(state.machines[i] ?? {}, change);
      });
    });
const bare: EntityOf<'host'> = { kind: 'host', key: 'host', display: 'ws', identity: 'strong' };
const response = isolate as Response;

async function find(ids: object, change: (contoso: Contoso) => void = () => {}): Promise<unknown> {
  const results: unknown[] = [];
  await withContoso([], async (contoso) => {
    change(contoso);
    const query = response.target?.resolver.identify({ ...bare, ...ids });
    if (query?.ok !== true) return;
    const found = await resolveTarget(response, query.input, contoso.context(isolate.name, 'target'));
    results.push(found.ok ? found.value : found);
  });
  return results[0];
}
const target = (id: string, more: object = {}) => ({
  ok: true,
  input: { machineId: id },
  record: { id, ...more },
});
const refused = (code: string, ...words: string[]) => ({
  ok: false,
  code,
  reason: expect.stringMatching(new RegExp(words.map((word) => `(?=.*${word})`).join(''), 's')),
});

describe.concurrent('the way to a machine is recorded with it', () => {
  const known = machines({ aadDeviceId: DEVICE_ID, vmMetadata: { resourceId: VM.toUpperCase() }, ...RECENT });
  it.each([
    ['defender-id', { mdeId: MACHINE, fqdn: FQDN }],
    ['entra-device-id', { aadDeviceId: DEVICE_ID, fqdn: FQDN }],
    ['azure-id', { azureId: VM, fqdn: FQDN }],
    ['azure-id', { azureId: VM }],
    ['full-name', { fqdn: FQDN }],
  ])('%s', async (foundBy, ids) => {
    expect(await find(ids, known)).toMatchObject(target(MACHINE, { foundBy, certainty: 'certain' }));
  });

  it('goes on to the next identifier where Defender does not know one, which is not ignored', async () => {
    const unknown = { aadDeviceId: '00000000-0000-4000-8000-0000000de009', azureId: `${VM}9`, fqdn: FQDN };
    // Defender has no such ids of this machine: they are unchecked.
    expect(await find(unknown)).toMatchObject(target(MACHINE, { foundBy: 'full-name' }));
    // It has others: these are not its own.
    expect(await find(unknown, known)).toMatchObject(refused('identifiers-disagree', MACHINE, 'does not'));
    expect(await find({ mdeId: 'ab'.repeat(20), fqdn: FQDN })).toMatchObject(
      refused('identifiers-disagree', MACHINE, 'does not'),
    );
  });

  it('names all that were tried where Defender knows none of them', async () => {
    const none = { mdeId: 'ab'.repeat(20), fqdn: 'ws-9.corp.contoso.com', hostName: 'ws-9' };
    expect(await find(none)).toMatchObject(
      refused('not-found', 'Defender device id abab', 'full name ws-9.corp', 'host name ws-9'),
    );
  });

  it('goes on where Defender answers 404 instead of an empty list', async () => {
    const missing = ({ simulator }: Contoso) =>
      simulator.addFault(failing(DEFENDER, /^\/api\/machines$/, { kind: 'status', status: 404 }, 'GET', 1));
    expect(await find({ aadDeviceId: DEVICE_ID, fqdn: FQDN }, missing)).toMatchObject(target(MACHINE));
  });

  it('stops where Defender does not answer', async () => {
    const down = ({ simulator }: Contoso) =>
      simulator.addFault(failing(DEFENDER, /^\/api\/machines$/, { kind: 'status', status: 503 }));
    expect(await find({ aadDeviceId: DEVICE_ID, fqdn: FQDN }, down)).toMatchObject({
      ok: false,
      error: { code: 'service-unavailable' },
    });
  });
});

describe.concurrent('a stale record does not make a name ambiguous', () => {
  const note = [
    expect.stringMatching(new RegExp(`^1 stale record .*${FQDN}.* left out: ${TWIN}.*2025-11-02`)),
  ];
  it.each([
    ['inactive for months', STALE],
    ['marked as a duplicate', { ...STALE, healthStatus: 'Active', isPotentialDuplication: true }],
    ['excluded', { ...STALE, healthStatus: 'Active', lastSeen: '2026-03-05T07:00:00Z', isExcluded: true }],
    ['without a report for months', { ...STALE, healthStatus: 'Active' }],
  ])('where it is %s: it is left out, which the plan says', async (_what, stale) => {
    const found = await find({ fqdn: FQDN }, machines(RECENT, stale));
    expect(found).toMatchObject(target(MACHINE, { foundBy: 'full-name' }));
    expect((found as { record: { notes: string[] } }).record.notes).toEqual(
      'isExcluded' in stale ? [expect.stringContaining('excluded')] : note,
    );
  });

  it('and the one in use is found whatever their order', async () => {
    const active = { ...RECENT, computerDnsName: FQDN };
    expect(await find({ fqdn: FQDN }, machines(STALE, STALE, active))).toMatchObject(
      target(THIRD, { notes: [expect.stringContaining('2 stale records')] }),
    );
  });

  it.each([
    ['both are in use', { ...RECENT, computerDnsName: FQDN }],
    ['both are in use, one was seen before', { computerDnsName: FQDN, lastSeen: '2026-03-10T07:00:00Z' }],
    ['the inactive one was seen last', { ...STALE, lastSeen: '2026-03-10T08:01:00Z' }],
    ['it is unknown when the inactive one was seen', { ...STALE, lastSeen: null }],
    ['the excluded one still reports', { ...STALE, ...RECENT, healthStatus: 'Active', isExcluded: true }],
    [
      'the duplicate was seen last',
      { ...STALE, lastSeen: '2026-03-10T08:01:00Z', isPotentialDuplication: true },
    ],
  ])('but where %s, neither is taken, and both are listed', async (_what, other) => {
    const reason = await find({ fqdn: FQDN }, machines(RECENT, other));
    expect(reason).toMatchObject(
      refused('ambiguous-target', `${MACHINE}, Active, last seen 2026-03-10`, TWIN),
    );
  });

  it('or where all are stale', async () => {
    expect(await find({ fqdn: FQDN }, machines({ ...STALE, ...RECENT }, STALE))).toMatchObject(
      refused('ambiguous-target', MACHINE, TWIN),
    );
  });

  describe('nor is it the one where an identifier is not that of the one in use:', () => {
    const unknown = '00000000-0000-4000-8000-0000000de009';
    const other = { ...RECENT, aadDeviceId: DEVICE_ID };
    it.each([
      ['an inactive one', STALE],
      ['one that was seen before', { computerDnsName: FQDN, lastSeen: '2026-03-10T07:00:00Z' }],
      ['one that was seen at an unknown time', { computerDnsName: FQDN, lastSeen: null }],
      [
        'a duplicate that was seen last',
        { computerDnsName: FQDN, lastSeen: '2026-03-10T08:01:00Z', isPotentialDuplication: true },
      ],
    ])('%s', async (_what, left) => {
      const found = await find({ fqdn: FQDN, aadDeviceId: unknown }, machines(other, left));
      expect(found).toMatchObject(refused('ambiguous-target', MACHINE, TWIN));
    });

    it('but one in use that was seen last is', async () => {
      const last = { computerDnsName: FQDN, lastSeen: '2026-03-10T08:01:00Z' };
      const found = await find({ fqdn: FQDN, aadDeviceId: unknown }, machines(other, last));
      expect(found).toMatchObject(target(TWIN));
    });

    it('one with the same Entra id, under the name that the device had before', async () => {
      const renamed = { ...other, computerDnsName: 'ws-fin-0199.corp.contoso.com' };
      const found = await find(
        { fqdn: FQDN, aadDeviceId: DEVICE_ID },
        machines(renamed, { ...STALE, aadDeviceId: DEVICE_ID }),
      );
      expect(found).toMatchObject(refused('ambiguous-target', MACHINE, TWIN));
    });
  });

  it('but another identifier comes first: it is of one record only', async () => {
    const stale = { ...STALE, aadDeviceId: DEVICE_ID };
    const active = { ...RECENT, aadDeviceId: '00000000-0000-4000-8000-0000000de002' };
    const ids = { fqdn: FQDN, aadDeviceId: DEVICE_ID };
    // The incident names the stale record by its own id: it is not replaced by another.
    expect(await find(ids, machines(active, stale))).toMatchObject(target(TWIN));
  });
});

describe.concurrent('a record that was left out as stale', () => {
  it.each([
    ['is in use again', { ...STALE, ...RECENT, healthStatus: 'Active' }, false],
    ['is still not in use', STALE, true],
  ])('%s at the approval: the other one is acted on only without it', (_what, now, isActedOn) =>
    withContoso([], async (contoso) => {
      machines(RECENT, STALE)(contoso);
      const context = contoso.context(isolate.name, 'target');
      const found = await resolveTarget(response, { fqdn: FQDN }, context);
      if (!found.ok || !found.value.ok) throw new Error('found');
      machines(RECENT, now)(contoso);
      const { record, input } = found.value;
      expect(await runResponse(response, input, { ...context, record })).toMatchObject(
        isActedOn
          ? { ok: true }
          : { ok: false, error: { code: 'target-changed', message: expect.stringContaining(TWIN) } },
      );
      expect(contoso.writes()).toHaveLength(isActedOn ? 1 : 0);
    }),
  );
});

describe.concurrent('a merged record', () => {
  const into = (id: string) => ({ mergedIntoMachineId: id });
  const same = { computerDnsName: FQDN };

  it('leads to the record that it was merged into, through all steps', async () => {
    const chain = machines(into(TWIN), { ...same, ...into(THIRD) }, { ...same, ...RECENT });
    for (const ids of [{ mdeId: MACHINE }, { mdeId: MACHINE, fqdn: FQDN }, { mdeId: TWIN }, { fqdn: FQDN }]) {
      expect(await find(ids, chain)).toMatchObject(target(THIRD));
    }
    expect(await find({ mdeId: MACHINE }, chain)).toMatchObject(
      target(THIRD, {
        notes: [expect.stringContaining(`record ${MACHINE} into`), expect.stringContaining(TWIN)],
        agreed: [`Defender device id ${MACHINE}`],
      }),
    );
  });

  it('that was first seen later is no sign that the device was set up again', async () => {
    const later = { ...same, ...into(MACHINE), firstSeen: '2026-03-10T09:00:00Z' };
    expect(await find({ mdeId: MACHINE }, machines(RECENT, later))).toMatchObject(target(MACHINE));
    expect(await find({ mdeId: MACHINE }, machines(RECENT, { ...later, ...into(THIRD) }))).toMatchObject(
      refused('unsupported-target', 'set up again'),
    );
  });

  it('does not lead to a record that another identifier contradicts', async () => {
    const merged = machines(into(THIRD), { aadDeviceId: DEVICE_ID }, { ...same, ...RECENT });
    expect(await find({ mdeId: MACHINE, aadDeviceId: DEVICE_ID }, merged)).toMatchObject(
      refused('identifiers-disagree', THIRD, TWIN),
    );
  });

  it.each([
    ['merged in a circle', machines(into(TWIN), into(MACHINE)), 'circle'],
    ['merged into itself', machines(into(MACHINE)), 'circle'],
    ['merged into a record that does not exist', machines(into('ab'.repeat(20))), 'does not have'],
  ])('leads to none where it is %s', async (_what, change, words) => {
    expect(await find({ mdeId: MACHINE }, change)).toMatchObject(refused('unsupported-target', words));
  });

  it('is not acted on where it was merged after the approval', () =>
    withContoso([], async (contoso) => {
      const context = contoso.context(isolate.name, 'target');
      const found = await resolveTarget(response, { mdeId: MACHINE }, context);
      if (!found.ok || !found.value.ok) throw new Error('found');
      machines({ mergedIntoMachineId: TWIN })(contoso);
      const { record, input } = found.value;
      expect(await runResponse(response, input, { ...context, record })).toMatchObject({
        ok: false,
        error: { code: 'target-changed' },
      });
      expect(contoso.writes()).toEqual([]);
    }));
});

describe.concurrent('a machine that Defender lists under its short name', () => {
  const short = { ...RECENT, computerDnsName: 'vm-apps02' };
  const ids = { fqdn: 'vm-apps02.corp.contoso.com', hostName: 'vm-apps02' };
  const candidate = (id: string) => ({
    ok: false,
    code: 'weak-identity',
    reason: expect.stringMatching(
      new RegExp(
        `^It may be vm-apps02 \\(${id}\\), Windows11, risk High, Active, last seen 2026-03-10.*short name only`,
      ),
    ),
    candidates: [{ id, foundBy: 'short-name', certainty: 'candidate' }],
  });

  it('is a candidate with id, operating system, risk and time, and is enriched', async () => {
    expect(await find(ids, machines(short))).toMatchObject(candidate(MACHINE));
    const device = enrichments.find(({ name }) => name === 'defender.device');
    if (device === undefined) throw new Error('no such enrichment');
    await withContoso([], async (contoso) => {
      machines(short)(contoso);
      expect(await runEnrichment(device, ids, contoso.context(device.name, 'target'))).toMatchObject({
        value: { machineId: MACHINE, riskScore: 'High', foundBy: 'short-name' },
        record: { id: MACHINE, certainty: 'candidate' },
      });
    });
  });

  it('is one although stale records have that name', async () => {
    const stale = { ...STALE, computerDnsName: 'vm-apps02' };
    expect(await find(ids, machines(stale, short))).toMatchObject(candidate(TWIN));
  });

  it('is none where several in use have that name; they are listed', async () => {
    expect(await find(ids, machines(short, short))).toMatchObject(
      refused('ambiguous-target', `${MACHINE}, Active, last seen 2026`, TWIN),
    );
  });

  it('is none where another identifier contradicts it', async () => {
    const other = machines({ ...short, aadDeviceId: DEVICE_ID }, { aadDeviceId: TWIN });
    expect(await find({ ...ids, aadDeviceId: '00000000-0000-4000-8000-0000000de009' }, other)).toMatchObject(
      refused('identifiers-disagree', MACHINE),
    );
  });

  it('is none where the machine is in another domain, or only begins like it', async () => {
    for (const computerDnsName of ['vm-apps02.branch.contoso.com', 'vm-apps021']) {
      expect(await find(ids, machines({ ...short, computerDnsName }))).toMatchObject(
        refused('not-found', 'vm-apps02.corp.contoso.com'),
      );
    }
  });

  it('is the target where a better identifier leads to it', async () => {
    expect(await find({ ...ids, mdeId: MACHINE }, machines(short))).toMatchObject(
      target(MACHINE, { certainty: 'certain', unchecked: [`full name ${ids.fqdn}`] }),
    );
  });

  it('is not acted on, even if a plan holds it', () =>
    withContoso([], async (contoso) => {
      const context = contoso.context(isolate.name, 'target');
      const found = await resolveTarget(response, { mdeId: MACHINE }, context);
      if (!found.ok || !found.value.ok) throw new Error('found');
      const { record, input } = found.value;
      const weak = { ...record, foundBy: 'short-name', certainty: 'candidate' } as const;
      expect(await runResponse(response, input, { ...context, record: weak })).toMatchObject({
        ok: false,
        error: { code: 'target-changed', message: expect.stringContaining('only a candidate') },
      });
      expect(contoso.writes()).toEqual([]);
    }));
});
