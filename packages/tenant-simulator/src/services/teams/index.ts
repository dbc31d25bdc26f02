/** The Bot Connector of Teams. The routes of its keys need the running service: `metadataRoutes`. */
import type { SimulatedService } from '../../service.js';
import { connectorRoutes } from './connector.js';
import { BOT_CONNECTOR, BOT_FRAMEWORK_SIGN_IN } from './hosts.js';

export const teams: SimulatedService = {
  hosts: [BOT_FRAMEWORK_SIGN_IN, BOT_CONNECTOR],
  routes: connectorRoutes,
};
