/** Contoso's bot against the simulated Bot Connector. */
import type { Fault, Simulator, TenantState } from 'tenant-simulator';
import { startSimulator } from 'tenant-simulator';
import { contoso, ManualClock } from '../../../packages/tenant-simulator/test/contoso.js';
import { createTeams, type Teams } from '../../../src/connectors/teams/index.js';

export const CHANNEL = '19:0000000000000000000000000000c001@thread.tacv2';
export const OTHER_CHANNEL = '19:0000000000000000000000000000c002@thread.tacv2';
export const BOT = '00000000-0000-4000-8000-00000000c11e';
export const TENANT = '00000000-0000-4000-8000-0000000000ac';

export interface RunningTeams {
  readonly simulator: Simulator;
  readonly teams: Teams;
  /** Another one, which knows no keys yet. */
  fresh(): Teams;
  readonly clock: ManualClock;
  /** Milliseconds that the client waited between attempts. */
  readonly pauses: readonly number[];
}

export async function startTeams(faults: readonly Fault[] = []): Promise<RunningTeams> {
  const clock = new ManualClock();
  const tenant: TenantState = {
    ...contoso(),
    teams: [
      {
        id: '19:0000000000000000000000000000c000@thread.tacv2',
        displayName: 'SOC',
        botInstalled: true,
        channels: [{ id: CHANNEL, displayName: 'incidents' }],
      },
      {
        id: '19:0000000000000000000000000000cfff@thread.tacv2',
        displayName: 'Finance',
        botInstalled: false,
        channels: [{ id: OTHER_CHANNEL, displayName: 'general' }],
      },
    ],
  };
  const simulator = await startSimulator({ tenant, clock, faults });
  const pauses: number[] = [];
  const fresh = (): Teams =>
    createTeams(
      {
        tenantId: TENANT,
        clientId: BOT,
        clientSecret: tenant.app.clientSecret,
        simulatedTenantUrl: simulator.url,
        botId: BOT,
        cloud: 'public',
        timeoutMs: 2_000,
      },
      {
        clock,
        sleep: async (ms) => {
          pauses.push(ms);
        },
      },
    );
  return { simulator, teams: fresh(), fresh, clock, pauses };
}
