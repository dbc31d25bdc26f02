import { defineService } from '../service.js';

/** Queries of the Log Analytics workspace. */
export default defineService({
  title: 'Log Analytics',
  docs: 'https://learn.microsoft.com/azure/azure-monitor/logs/api/overview',
  apis: {
    logs: {
      title: 'Log Analytics',
      host: 'api.loganalytics.io',
      scope: 'https://api.loganalytics.io/.default',
      client: 'log-analytics',
      readingPosts: /\/query$/,
    },
  },
  permissions: { 'Log Analytics API': ['Data.Read'], 'Azure RBAC': ['Log Analytics Reader'] },
  quotas: {
    'log-analytics': {
      docs: 'https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits',
      limits: [{ amount: 200, unit: 'calls', seconds: 30 }],
    },
  },
});
