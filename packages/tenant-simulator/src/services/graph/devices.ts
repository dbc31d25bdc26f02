/** Devices that Microsoft Graph knows of a user. https://learn.microsoft.com/graph/api/resources/device */

import { select } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Device } from '../../tenant.js';
import { GRAPH } from './host.js';
import { findUser } from './users.js';

const READ = ['Directory.Read.All', 'Directory.ReadWrite.All'];

const list =
  (of: (device: Device) => readonly string[]) =>
  ({ params, query, db }: RouteRequest): RouteResponse => {
    const { id } = findUser(db, params.id ?? '');
    const value = db
      .all('devices')
      .filter((device) => of(device).includes(id))
      .slice(0, Number(query.get('$top') ?? 100))
      .map(({ owners: _o, users: _u, ...device }) => ({
        '@odata.type': '#microsoft.graph.device',
        ...select(device, query.get('$select')),
      }));
    return {
      status: 200,
      body: { '@odata.context': `https://${GRAPH.name}/v1.0/$metadata#directoryObjects`, value },
    };
  };

export const deviceRoutes: readonly Route[] = [
  /** https://learn.microsoft.com/graph/api/user-list-owneddevices */
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/users/:id/ownedDevices',
    anyOf: READ,
    handle: list(({ owners }) => owners),
  },
  /** https://learn.microsoft.com/graph/api/user-list-registereddevices */
  {
    host: GRAPH,
    method: 'GET',
    path: '/v1.0/users/:id/registeredDevices',
    anyOf: READ,
    handle: list(({ users }) => users),
  },
];
