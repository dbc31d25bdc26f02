/** Defender for Endpoint: machines, machine actions, investigations, files. */
import type { SimulatedService } from '../../service.js';
import { fileRoutes } from './files.js';
import { DEFENDER } from './host.js';
import { advanceInvestigations, investigationRoutes } from './investigations.js';
import { advanceMachineActions, machineActionRoutes } from './machine-actions.js';
import { machineRoutes } from './machines.js';

export const defender: SimulatedService = {
  hosts: [DEFENDER],
  routes: [...machineRoutes, ...machineActionRoutes, ...investigationRoutes, ...fileRoutes],
  advance: (db, now) => {
    advanceMachineActions(db, now);
    advanceInvestigations(db);
  },
};
