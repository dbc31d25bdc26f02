import { ServiceError } from '../../errors.js';
import type { SimulatedHost } from '../../simulated-host.js';

export const DEFENDER: SimulatedHost = {
  name: 'api.security.microsoft.com',
  access: {
    audiences: ['https://api.securitycenter.microsoft.com', 'https://api.security.microsoft.com'],
    unauthorizedCode: 'Unauthorized',
    granted: ({ permissions }) => permissions.defender,
    forbidden: (needed, granted) =>
      new ServiceError(
        403,
        'Forbidden',
        `Missing application roles. API required roles: ${needed.join(', ')}, application roles: ${granted.join(', ')}.`,
      ),
  },
  errorBody: ({ code, message }, { requestId }) => ({ error: { code, message, target: requestId } }),
};
