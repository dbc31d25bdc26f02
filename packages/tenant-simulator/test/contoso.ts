/** The tenant of the ransomware fixture, running, and clients that call it. */
import { readFileSync } from 'node:fs';
import { type Simulator, type SimulatorOptions, startSimulator, type TenantState } from 'tenant-simulator';
import { apis, type Clients } from '../../../src/actions/services.js';
import { type ConnectorConfig, createClients } from '../../../src/connectors/index.js';

const folder = new URL('../../../fixtures/ransomware-on-workstation/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

/** With machine actions that take long enough for the tests to check states in between. */
export const contoso = (): TenantState => ({
  ...(JSON.parse(read('tenant.json')) as TenantState),
  machineActionTiming: { startsAfter: 20, endsAfter: 75 },
});
export const triggerBody = (): {
  object: { id: string; name: string; properties: Record<string, unknown> };
} => JSON.parse(read('event.json')) as ReturnType<typeof triggerBody>;

export const START = Date.parse('2026-03-10T08:12:00Z');
export const DANA = '00000000-0000-4000-8000-00000000a001';
export const LEE = '00000000-0000-4000-8000-00000000a002';
export const PRIYA = '00000000-0000-4000-8000-00000000a003';
export const WORKSTATION = '0142fade'.repeat(5);
export const OFFLINE = '0077fade'.repeat(5);

/** A clock that only moves when it is advanced. */
export class ManualClock {
  constructor(private at: number = START) {}
  now(): number {
    return this.at;
  }
  advance(seconds: number): void {
    this.at += seconds * 1000;
  }
}

export interface RunningContoso {
  readonly simulator: Simulator;
  readonly clients: Clients;
  readonly clock: ManualClock;
  /** The configuration of createClients. */
  readonly config: ConnectorConfig;
  /** Milliseconds that the clients would have waited. */
  readonly pauses: readonly number[];
}

export async function startContoso(
  options: Partial<SimulatorOptions> & {
    readonly connectors?: ConnectorConfig;
    readonly clock?: ManualClock;
  } = {},
): Promise<RunningContoso> {
  const { connectors, clock = new ManualClock(), ...rest } = options;
  const tenant = contoso();
  const simulator = await startSimulator({ tenant, clock, ...rest });
  const config: ConnectorConfig = {
    tenantId: tenant.tenant.id,
    clientId: tenant.app.clientId,
    clientSecret: tenant.app.clientSecret,
    simulatedTenantUrl: simulator.url,
    ...connectors,
  };
  const pauses: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    pauses.push(ms);
  };
  return { simulator, clients: createClients(apis, config, { clock, sleep }), clock, config, pauses };
}
