/** A simulated Microsoft tenant on 127.0.0.1: Entra sign-in, Graph, Defender, Sentinel, Log Analytics and Teams. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SimulatorError } from './errors.js';
import { createFaults } from './faults.js';
import { createQuotas } from './quotas.js';
import { createTenantServer } from './server.js';
import { recordOutsideChanges } from './services/graph/directory-audits.js';
import { HOSTS, SERVICES } from './services/index.js';
import { EntraService, keyRoutes } from './services/sign-in/user-tokens.js';
import { metadataRoutes } from './services/teams/metadata.js';
import { TeamsService } from './services/teams/service.js';
import { openStore } from './store.js';
import { parseTenant } from './tenant.js';
import { TenantDatabase } from './tenant-database.js';
import type { LoggedCall, Simulator, SimulatorOptions } from './types.js';

export { SimulatorError } from './errors.js';
export type { SimulatedSignIn, UserTokenChange } from './services/sign-in/user-tokens.js';
export type { AttachedClient, TeamsClientAddress } from './services/teams/client.js';
export type { BotAnswer, SimulatedTeams, TokenChange } from './services/teams/service.js';
export type { TenantState } from './tenant.js';
export type { Fault, LoggedCall, QuotaUse, Simulator, SimulatorOptions } from './types.js';

/**
 * Starts the tenant. Every change is on disk before the response is sent.
 * @throws SimulatorError `tenant-invalid`, `state-unreadable`, `port-in-use`.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const store = openStore(options.stateDirectory);
  let db: TenantDatabase;
  let server: Server;
  const calls: LoggedCall[] = [];
  const unknown: LoggedCall[] = [];
  const faults = createFaults(options.faults ?? []);
  const declared = SERVICES.flatMap((service) => service.quotas ?? []);
  const quotas = createQuotas(declared);
  const teams = new TeamsService(() => db, options.clock, store.keys);
  const entra = new EntraService(() => db, options.clock, store.keys);
  try {
    db = new TenantDatabase(store, () => parseTenant(options.tenant));
    server = createTenantServer({
      db,
      services: SERVICES,
      routes: [...SERVICES.flatMap(({ routes }) => routes), ...metadataRoutes(teams), ...keyRoutes(entra)],
      showInTeams: async () => teams.client?.show(),
      faults,
      quotas,
      clock: options.clock,
      logCall: (call, isUnknown) => {
        calls.push(call);
        if (isUnknown) unknown.push(call);
      },
    });
    await listen(server, options.port ?? 0);
  } catch (error) {
    store.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const bringUpToDate = (): void => {
    for (const { advance } of SERVICES) advance?.(db, options.clock.now());
    db.save();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    hosts: HOSTS.map(({ name }) => name),
    calls: () => [...calls],
    unknownCalls: () => [...unknown],
    quotaUse: quotas.use,
    enforceQuotas: quotas.enforce,
    addFault: faults.add,
    teams,
    signIn: entra,
    state: () => {
      bringUpToDate();
      return db.state();
    },
    update: (change) => {
      bringUpToDate();
      const state = db.state();
      change(state as never);
      const before = db.state();
      db.replace(state);
      recordOutsideChanges(db, before, options.clock.now());
      db.save();
    },
    stop: async () => {
      await close(server);
      store.close();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message = `The simulated tenant cannot listen on 127.0.0.1:${port}: ${error.message}. Choose another port, or 0 for a free one.`;
      reject(new SimulatorError('port-in-use', message, { cause: error }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Clients keep connections open, and a hanging call would never complete.
    server.closeAllConnections();
  });
}
