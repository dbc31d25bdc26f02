/** The location of an IP address. https://learn.microsoft.com/azure/sentinel/geolocation-data-api */

import { isIP } from 'node:net';
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import { RESOURCE_MANAGER } from './host.js';
import { ENRICHMENT_PATH, inScope, MAY_READ } from './resource-provider.js';

/** Only preview versions of the API have it. */
const VERSIONS = ['2023-04-01-preview'];

function getGeodata({ query, db }: RouteRequest): RouteResponse {
  const address = query.get('ipAddress') ?? '';
  if (isIP(address) === 0)
    throw new ServiceError(400, 'BadRequest', `'${address}' is not a valid IP address.`);
  const geodata = db.get('geodata', address);
  if (geodata === undefined) throw new ServiceError(404, 'NotFound', `There is no geodata for ${address}.`);
  return { status: 200, body: geodata };
}

export const geodataRoutes: readonly Route[] = [
  {
    host: RESOURCE_MANAGER,
    method: 'GET',
    path: `${ENRICHMENT_PATH}/ip/geodata/?`,
    anyOf: MAY_READ,
    handle: inScope(getGeodata, VERSIONS),
  },
];
