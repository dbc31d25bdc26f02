import { ServiceError } from '../../errors.js';
import type { SimulatedHost } from '../../simulated-host.js';

/** Publishes the Bot Connector's keys. */
export const BOT_FRAMEWORK_SIGN_IN: SimulatedHost = { name: 'login.botframework.com' };

/** A token of the bot is enough. */
export const BOT_CONNECTOR: SimulatedHost = {
  name: 'smba.trafficmanager.net',
  access: {
    audiences: ['https://api.botframework.com'],
    unauthorizedCode: 'Unauthorized',
    granted: () => [],
    forbidden: () => new ServiceError(403, 'Forbidden', 'The bot may not do this.'),
  },
};
