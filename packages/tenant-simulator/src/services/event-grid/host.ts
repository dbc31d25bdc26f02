import { ServiceError } from '../../errors.js';
import type { SimulatedHost } from '../../simulated-host.js';

/** The one topic of the tenant. Its role is one of Azure, on the topic. */
export const TOPIC: SimulatedHost = {
  name: 'sentinel-responder.westeurope-1.eventgrid.azure.net',
  access: {
    audiences: ['https://eventgrid.azure.net'],
    unauthorizedCode: 'Unauthorized',
    granted: ({ permissions }) => permissions.azure,
    forbidden: () =>
      new ServiceError(
        403,
        'Forbidden',
        'The principal associated with the access token is not authorized to send data to this topic.',
      ),
  },
};
