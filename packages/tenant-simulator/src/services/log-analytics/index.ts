/** Queries of the Log Analytics workspace. */
import type { SimulatedService } from '../../service.js';
import { LOG_ANALYTICS } from './host.js';
import { logAnalyticsRoutes } from './queries.js';
import { logAnalyticsQuotas } from './quotas.js';

export const logAnalytics: SimulatedService = {
  hosts: [LOG_ANALYTICS],
  quotas: logAnalyticsQuotas,
  routes: logAnalyticsRoutes,
};
