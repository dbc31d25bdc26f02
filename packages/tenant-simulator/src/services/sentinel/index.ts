/** Sentinel's resource provider: incidents, comments, tasks, geolocation. */
import type { SimulatedService } from '../../service.js';
import { commentRoutes } from './comments.js';
import { geodataRoutes } from './geodata.js';
import { RESOURCE_MANAGER } from './host.js';
import { incidentRoutes } from './incidents.js';
import { sentinelQuotas } from './quotas.js';
import { taskRoutes } from './tasks.js';

export const sentinel: SimulatedService = {
  hosts: [RESOURCE_MANAGER],
  quotas: sentinelQuotas,
  routes: [...incidentRoutes, ...commentRoutes, ...taskRoutes, ...geodataRoutes],
};
