/** Defender for Endpoint: machines, machine actions, investigations, indicators, files, prevalence. */
import type { SimulatedService } from '../../service.js';
import { fileRoutes } from './files.js';
import { DEFENDER } from './host.js';
import { advanceIndicators, indicatorRoutes } from './indicators.js';
import { advanceInvestigations, investigationRoutes } from './investigations.js';
import { advanceMachineActions, machineActionRoutes } from './machine-actions.js';
import { machineRoutes } from './machines.js';
import { prevalenceRoutes } from './prevalence.js';
import { defenderQuotas } from './quotas.js';

export const defender: SimulatedService = {
  hosts: [DEFENDER],
  quotas: defenderQuotas,
  routes: [
    ...machineRoutes,
    ...machineActionRoutes,
    ...investigationRoutes,
    ...indicatorRoutes,
    ...fileRoutes,
    ...prevalenceRoutes,
  ],
  advance: (db, now) => {
    advanceMachineActions(db, now);
    advanceInvestigations(db);
    advanceIndicators(db, now);
  },
};
