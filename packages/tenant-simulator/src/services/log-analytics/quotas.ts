/** https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits */
import type { Quota } from '../../quotas.js';
import { LOG_ANALYTICS } from './host.js';

export const logAnalyticsQuotas: readonly Quota[] = [
  {
    family: 'log-analytics',
    host: LOG_ANALYTICS.name,
    methods: ['GET', 'POST'],
    path: /\/query$/i,
    limits: [{ kind: 'window', calls: 200, seconds: 30 }],
    refusal: (afterSeconds) => ({
      code: 'ThrottledError',
      message: 'The request was throttled. Try again later.',
      headers: { 'Retry-After': String(afterSeconds) },
    }),
  },
];
