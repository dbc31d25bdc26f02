import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type TenantState } from 'tenant-simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { apis } from '../../../src/actions/services.js';
import { createClients } from '../../../src/connectors/index.js';
import { armId, path } from '../../../src/domain/builders/path.js';
import { contoso, DANA, ManualClock, startContoso, triggerBody, WORKSTATION } from './contoso.js';

const anything = z.unknown();
const comment = path`${armId(triggerBody().object.id)}/comments/${'kept'}?api-version=2025-09-01`;

describe('the state', () => {
  let directory: string;
  const running: ChildProcess[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenant-'));
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it('is what it was after a stop, whatever the first state says', async () => {
    const first = await startContoso({ stateDirectory: directory });
    await first.clients.graph.patch(path`/v1.0/users/${DANA}`, { accountEnabled: false }, anything);
    await first.clients.arm.put(comment, { properties: { message: 'kept' } }, anything);
    const before = first.simulator.state();
    await first.simulator.stop();
    const second = await startContoso({ stateDirectory: directory, tenant: { ignored: true } });
    expect(second.simulator.state()).toEqual(before);
    expect((before as TenantState).users[0]?.accountEnabled).toBe(false);
    await second.simulator.stop();
  });

  it('has every change that was answered when the process is killed', async () => {
    writeFileSync(join(directory, 'tenant.json'), JSON.stringify(contoso()));
    const script = `
      import { readFileSync } from 'node:fs';
      import { startSimulator } from 'tenant-simulator';
      const [tenant, stateDirectory] = [JSON.parse(readFileSync(process.argv[1], 'utf8')), process.argv[2]];
      const simulator = await startSimulator({ tenant, stateDirectory, clock: { now: () => 1773130320000 } });
      console.log(simulator.url);`;
    const state = join(directory, 'state');
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', script, join(directory, 'tenant.json'), state],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    running.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { app, tenant } = contoso();
    const clock = new ManualClock();
    const { graph, defender } = createClients(
      apis,
      {
        tenantId: tenant.id,
        clientId: app.clientId,
        clientSecret: app.clientSecret,
        simulatedTenantUrl: line.toString().trim(),
      },
      { clock },
    );
    await graph.patch(path`/v1.0/users/${DANA}`, { accountEnabled: false }, anything);
    const request = { Comment: 'test', IsolationType: 'Full' };
    await defender.post(path`/api/machines/${WORKSTATION}/isolate`, request, anything);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const after = await startSimulator({ tenant: contoso(), stateDirectory: state, clock });
    const { users, machineActions } = after.state() as TenantState;
    expect(users.find(({ id }) => id === DANA)?.accountEnabled).toBe(false);
    expect(machineActions).toMatchObject([{ type: 'Isolate', machineId: WORKSTATION, status: 'Pending' }]);
    await after.stop();
  });

  it('can be changed as others in the tenant would, and keeps that', async () => {
    const first = await startContoso({ stateDirectory: directory });
    first.simulator.update((state: TenantState) => {
      const [incident] = state.incidents;
      if (incident) incident.properties.status = 'Closed';
      state.users.pop();
    });
    await first.simulator.stop();
    const second = await startContoso({ stateDirectory: directory });
    const { incidents, users } = second.simulator.state() as TenantState;
    expect(incidents[0]?.properties.status).toBe('Closed');
    expect(users).toHaveLength(contoso().users.length - 1);
    await second.simulator.stop();
  });

  it('is a copy, and a change that makes no sense is refused as a whole', async () => {
    const { simulator } = await startContoso();
    const before = simulator.state() as TenantState;
    before.users.length = 0;
    expect(() =>
      simulator.update((state: TenantState) => {
        state.machines.length = 0;
        for (const user of state.users) user.id = '';
      }),
    ).toThrow(/\$\.users\[0\]\.id/);
    const { users, machines } = simulator.state() as TenantState;
    expect([users.length, machines.length]).toEqual([contoso().users.length, contoso().machines.length]);
    await simulator.stop();
  });
});

describe('a tenant with errors', () => {
  it('is refused with the place of each', async () => {
    const tenant = contoso() as unknown as { machines: { id: string }[]; user: unknown };
    const [machine] = tenant.machines;
    if (machine) machine.id = 'WS-FIN-0142';
    tenant.user = [];
    const started = startSimulator({ tenant, clock: new ManualClock() });
    await expect(started).rejects.toMatchObject({ name: 'SimulatorError', code: 'tenant-invalid' });
    await expect(started).rejects.toThrow(/2 error.*\$\.machines\[0\]\.id.*40 hexadecimal.*"user"/s);
  });

  it('names the port that is taken', async () => {
    const { simulator } = await startContoso();
    const port = Number(new URL(simulator.url).port);
    await expect(startContoso({ port })).rejects.toMatchObject({ code: 'port-in-use' });
    await simulator.stop();
  });
});
