/** All services of the simulated tenant: one folder each, and one entry here. */
import type { SimulatedService } from '../service.js';
import type { SimulatedHost } from '../simulated-host.js';
import { defender } from './defender/index.js';
import { eventGrid } from './event-grid/index.js';
import { graph } from './graph/index.js';
import { logAnalytics } from './log-analytics/index.js';
import { sentinel } from './sentinel/index.js';
import { signIn } from './sign-in/index.js';
import { teams } from './teams/index.js';

const APIS: readonly SimulatedService[] = [graph, defender, sentinel, logAnalytics, teams, eventGrid];
const AUDIENCES = APIS.flatMap(({ hosts }) => hosts.flatMap(({ access }) => access?.audiences ?? []));

export const SERVICES: readonly SimulatedService[] = [signIn(AUDIENCES), ...APIS];
export const HOSTS: readonly SimulatedHost[] = SERVICES.flatMap(({ hosts }) => hosts);
