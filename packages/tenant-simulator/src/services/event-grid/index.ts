/** A topic of Event Grid that programs publish CloudEvents to. */
import type { SimulatedService } from '../../service.js';
import { TOPIC } from './host.js';
import { topicRoutes } from './topic.js';

export const eventGrid: SimulatedService = { hosts: [TOPIC], routes: topicRoutes };
