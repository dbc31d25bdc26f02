import { defineService } from '../service.js';

const THROTTLING =
  'https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling';

/** Microsoft Sentinel: incidents, comments and its own enrichments, through Azure Resource Manager. */
export default defineService({
  title: 'Microsoft Sentinel',
  docs: 'https://learn.microsoft.com/rest/api/securityinsights/',
  apis: {
    arm: {
      title: 'Azure Resource Manager',
      host: 'management.azure.com',
      scope: 'https://management.azure.com/.default',
      client: 'rest',
      readingPosts: /\/(alerts|bookmarks|entities)$/i,
    },
  },
  permissions: { 'Azure RBAC': ['Microsoft Sentinel Reader', 'Microsoft Sentinel Responder'] },
  quotas: {
    // What is refilled each second in a subscription.
    'arm-reads': { docs: THROTTLING, limits: [{ amount: 25, unit: 'calls', seconds: 1 }] },
    'arm-writes': { docs: THROTTLING, limits: [{ amount: 10, unit: 'calls', seconds: 1 }] },
  },
});
