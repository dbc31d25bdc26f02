import type { TenantState } from 'tenant-simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { odata, path } from '../../../src/domain/builders/path.js';
import { OFFLINE, type RunningContoso, startContoso, WORKSTATION } from './contoso.js';

const actionSchema = z.looseObject({ id: z.string(), type: z.string(), status: z.string() });
const listSchema = z.looseObject({ value: z.array(actionSchema) });
const ISOLATE = { Comment: 'test', IsolationType: 'Full' };

describe('machine actions', () => {
  let tenant: RunningContoso;
  beforeEach(async () => {
    tenant = await startContoso();
  });
  afterEach(() => tenant.simulator.stop());

  const isolate = (machine: string) =>
    tenant.clients.defender.post(path`/api/machines/${machine}/isolate`, ISOLATE, actionSchema);
  const release = (machine: string) =>
    tenant.clients.defender.post(path`/api/machines/${machine}/unisolate`, { Comment: 'test' }, actionSchema);
  const statusOf = async (id: string): Promise<string> =>
    (await tenant.clients.defender.get(path`/api/machineactions/${id}`, actionSchema)).body.status;
  const isolated = (machine: string): boolean | undefined =>
    (tenant.simulator.state() as TenantState).machines.find(({ id }) => id === machine)?.isolated;

  it('go from Pending over InProgress to Succeeded by the clock', async () => {
    const { status, body } = await isolate(WORKSTATION);
    expect([status, body.status, body.type]).toEqual([201, 'Pending', 'Isolate']);
    tenant.clock.advance(19);
    expect(await statusOf(body.id)).toBe('Pending');
    tenant.clock.advance(1);
    expect(await statusOf(body.id)).toBe('InProgress');
    expect(isolated(WORKSTATION)).toBe(false);
    tenant.clock.advance(55);
    expect(await statusOf(body.id)).toBe('Succeeded');
    expect(isolated(WORKSTATION)).toBe(true);
  });

  it('are answered, and have no effect, if they are ignored', async () => {
    const fault = { host: 'api.security.microsoft.com', path: /isolate$/, times: 1 } as const;
    tenant.simulator.addFault({ ...fault, answer: { kind: 'ignored' } });
    const before = tenant.simulator.state();
    expect((await isolate(WORKSTATION)).body).toMatchObject({ type: 'Isolate', status: 'Pending' });
    expect(tenant.simulator.state()).toEqual(before);
    await expect(isolate(WORKSTATION)).resolves.toMatchObject({ status: 201 });
  });

  it('are refused while one of the same type is open', async () => {
    await isolate(WORKSTATION);
    await expect(isolate(WORKSTATION)).rejects.toMatchObject({
      info: {
        code: 'conflict',
        httpStatus: 400,
        serviceCode: 'ActiveRequestAlreadyExists',
        retry: 'check-before-retry',
      },
    });
  });

  it('hang when the machine is already isolated, and take effect after a release', async () => {
    await isolate(WORKSTATION);
    tenant.clock.advance(100);
    const again = await isolate(WORKSTATION);
    tenant.clock.advance(3600);
    expect(await statusOf(again.body.id)).toBe('Pending');
    const free = await release(WORKSTATION);
    tenant.clock.advance(100);
    expect(await statusOf(free.body.id)).toBe('Succeeded');
    tenant.clock.advance(100);
    await statusOf(again.body.id);
    tenant.clock.advance(100);
    expect(await statusOf(again.body.id)).toBe('Succeeded');
    expect(isolated(WORKSTATION)).toBe(true);
  });

  it('wait for a machine that is offline until it is back', async () => {
    const { body } = await isolate(OFFLINE);
    tenant.clock.advance(86_400);
    expect(await statusOf(body.id)).toBe('Pending');
    tenant.simulator.update((state: TenantState) => {
      for (const machine of state.machines)
        if (machine.id === OFFLINE) Object.assign(machine, { connected: true, healthStatus: 'Active' });
    });
    expect(await statusOf(body.id)).toBe('Pending');
    tenant.clock.advance(75);
    expect(await statusOf(body.id)).toBe('Succeeded');
  });

  it('time out where no device has fetched them for three days', async () => {
    const { body } = await isolate(OFFLINE);
    tenant.clock.advance(3 * 86_400 - 1);
    expect(await statusOf(body.id)).toBe('Pending');
    tenant.clock.advance(1);
    expect(await statusOf(body.id)).toBe('TimeOut');
  });

  it('are refused on operating systems that do not support them', async () => {
    tenant.simulator.update((state: TenantState) => {
      state.app.permissions.defender.push('Machine.RestrictExecution');
      for (const machine of state.machines) machine.osPlatform = 'Ubuntu';
    });
    const where = path`/api/machines/${WORKSTATION}/restrictCodeExecution`;
    await expect(
      tenant.clients.defender.post(where, { Comment: 'test' }, actionSchema),
    ).rejects.toMatchObject({
      info: { code: 'invalid-request', serviceCode: 'OsPlatformNotSupported', retry: 'no' },
    });
  });

  it('are listed by machine and type, sorted and cut', async () => {
    const first = await isolate(WORKSTATION);
    tenant.clock.advance(100);
    const second = await release(WORKSTATION);
    await isolate(OFFLINE);
    const list = async (query: ReturnType<typeof path>): Promise<string[]> =>
      (await tenant.clients.defender.get(query, listSchema)).body.value.map(({ id }) => id);
    const ours = odata`machineId eq ${WORKSTATION}`;
    expect(await list(path`/api/machineactions?$filter=${ours}&$orderby=creationDateTimeUtc desc`)).toEqual([
      second.body.id,
      first.body.id,
    ]);
    expect(await list(path`/api/machineactions?$filter=${ours}&$top=1`)).toEqual([first.body.id]);
    const isolations = odata`machineId eq ${WORKSTATION} and type eq ${'Isolate'}`;
    expect(await list(path`/api/machineactions?$filter=${isolations}`)).toEqual([first.body.id]);
    const later = odata`creationDateTimeUtc gt ${'2026-03-10T08:12:00.0000000Z'}`;
    expect(
      await list(path`/api/machineactions?$filter=${{ raw: later.raw.replaceAll('%27', '') }}`),
    ).toHaveLength(2);
  });

  it('of other types do not change an isolation, and run in parallel', async () => {
    const { body } = await isolate(WORKSTATION);
    tenant.simulator.update((state: TenantState) => {
      const scan = { type: 'RunAntiVirusScan', machineId: WORKSTATION, status: 'Pending' as const };
      const at = { creationDateTimeUtc: new Date(tenant.clock.now()).toISOString() };
      state.machineActions.push({ id: 'scan-1', ...scan, ...at });
    });
    expect(await statusOf('scan-1')).toBe('Pending');
    tenant.clock.advance(20);
    expect([await statusOf(body.id), await statusOf('scan-1')]).toEqual(['InProgress', 'InProgress']);
    tenant.clock.advance(55);
    expect([await statusOf(body.id), await statusOf('scan-1')]).toEqual(['Succeeded', 'Succeeded']);
    expect(isolated(WORKSTATION)).toBe(true);
  });

  it('scan a machine that is not isolated, and leave an isolated one isolated', async () => {
    tenant.simulator.update((state: TenantState) => state.app.permissions.defender.push('Machine.Scan'));
    const scan = async () => {
      const where = path`/api/machines/${WORKSTATION}/runAntiVirusScan`;
      const body = { Comment: 'test', ScanType: 'Quick' };
      const started = await tenant.clients.defender.post(where, body, actionSchema);
      tenant.clock.advance(100);
      return statusOf(started.body.id);
    };
    expect([await scan(), isolated(WORKSTATION)]).toEqual(['Succeeded', false]);
    await isolate(WORKSTATION);
    tenant.clock.advance(100);
    expect([await scan(), isolated(WORKSTATION)]).toEqual(['Succeeded', true]);
  });

  it('keep the kind of an isolation until it ends; another kind does not take its place', async () => {
    const kind = () =>
      (tenant.simulator.state() as TenantState).machines.find(({ id }) => id === WORKSTATION)?.isolationType;
    const selective = { ...ISOLATE, IsolationType: 'Selective' };
    const path_ = path`/api/machines/${WORKSTATION}/isolate`;
    await tenant.clients.defender.post(path_, selective, actionSchema);
    tenant.clock.advance(100);
    expect(kind()).toBe('Selective');
    const full = await isolate(WORKSTATION);
    tenant.clock.advance(3600);
    expect([await statusOf(full.body.id), kind()]).toEqual(['Pending', 'Selective']);
    await release(WORKSTATION);
    tenant.clock.advance(100);
    expect(isolated(WORKSTATION)).toBe(false);
  });

  it('need a comment, and a kind of isolation in the right case', async () => {
    const wrong = [
      {},
      { Comment: 'x' },
      { Comment: 'x', IsolationType: 'full' },
      { comment: 'x', IsolationType: 'Full' },
    ];
    for (const body of wrong) {
      await expect(
        tenant.clients.defender.post(path`/api/machines/${WORKSTATION}/isolate`, body, actionSchema),
      ).rejects.toMatchObject({ info: { code: 'invalid-request', serviceCode: 'InvalidRequestBody' } });
    }
    expect((tenant.simulator.state() as TenantState).machineActions).toEqual([]);
  });
});
