import { ServiceError } from '../../errors.js';
import type { SimulatedHost } from '../../simulated-host.js';

export const RESOURCE_MANAGER: SimulatedHost = {
  name: 'management.azure.com',
  access: {
    audiences: ['https://management.azure.com', 'https://management.core.windows.net'],
    unauthorizedCode: 'InvalidAuthenticationToken',
    granted: ({ permissions }) => permissions.azure,
    forbidden: (needed, _granted, { clientId, objectId }) =>
      new ServiceError(
        403,
        'AuthorizationFailed',
        `The client '${clientId}' with object id '${objectId}' does not have authorization to perform this action; it needs one of the roles: ${needed.join(', ')}. If access was recently granted, please refresh your credentials.`,
      ),
  },
};
