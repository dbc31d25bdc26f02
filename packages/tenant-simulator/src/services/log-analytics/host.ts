import { ServiceError } from '../../errors.js';
import type { SimulatedHost } from '../../simulated-host.js';

export const LOG_ANALYTICS: SimulatedHost = {
  name: 'api.loganalytics.io',
  throttledCode: 'ThrottledError',
  access: {
    audiences: ['https://api.loganalytics.io'],
    unauthorizedCode: 'InvalidTokenError',
    granted: ({ permissions }) => permissions.logAnalytics,
    forbidden: () =>
      new ServiceError(
        403,
        'InsufficientAccessError',
        'The provided credentials have insufficient access to perform the requested operation',
      ),
  },
};
