import { ServiceError } from '../../errors.js';
import type { SimulatedHost } from '../../simulated-host.js';

export const GRAPH: SimulatedHost = {
  name: 'graph.microsoft.com',
  requestIdHeader: 'request-id',
  access: {
    audiences: ['https://graph.microsoft.com'],
    unauthorizedCode: 'InvalidAuthenticationToken',
    granted: ({ permissions }) => permissions.graph,
    forbidden: (needed, granted) =>
      new ServiceError(
        403,
        'Authorization_RequestDenied',
        `Missing scope permissions on the request. API requires one of '${needed.join(', ')}'. Scopes on the request '${granted.join(', ')}'`,
      ),
  },
  errorBody: ({ code, message }, { requestId, now }) => {
    const date = new Date(now).toISOString().slice(0, 19);
    const innerError = { date, 'request-id': requestId, 'client-request-id': requestId };
    return { error: { code, message, innerError } };
  },
};
