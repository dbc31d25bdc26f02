/** The fixture that these tests play, and its effects in the simulated tenant. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator, type TenantState } from 'tenant-simulator';
import { type IncidentOrigin, keyOfOrigin } from '../../src/domain/incident-origin.js';
import { instanceIdOf } from '../../src/intake/index.js';

export const directory = 'fixtures/ransomware-on-workstation';
export const event = join(directory, 'event.json');
export const device = 'ws-fin-0142.corp.contoso.com';

const read = (file: string): unknown => JSON.parse(readFileSync(join(directory, file), 'utf8'));
const { origin } = read('fixture.json') as { origin: IncidentOrigin };
export const incident = { instanceId: instanceIdOf(keyOfOrigin(origin)) };
export const tenant = read('tenant.json');

/** The tenant state of a stopped responder. */
export async function tenantOf(dataDirectory: string): Promise<TenantState> {
  const stateDirectory = join(dataDirectory, 'tenant');
  const simulator = await startSimulator({ tenant, stateDirectory, clock: { now: () => Date.now() } });
  const state = simulator.state() as TenantState;
  await simulator.stop();
  return state;
}

export function isolationsIn(state: TenantState): number {
  return state.machineActions.filter(({ type }) => type === 'Isolate').length;
}
