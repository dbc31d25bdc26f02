/** Where an IP address is. https://learn.microsoft.com/azure/sentinel/geolocation-data-api */
import { isIP } from 'node:net';
import { ServiceError } from '../errors.js';
import type { Call, Reply, Route } from '../router.js';
import { ENRICHMENT_PATH, inScope, MAY_READ } from './sentinel.js';

/** Only previews have it. */
const VERSIONS = ['2023-04-01-preview'];

function getGeodata({ query, world }: Call): Reply {
  const address = query.get('ipAddress') ?? '';
  if (isIP(address) === 0)
    throw new ServiceError(400, 'BadRequest', `'${address}' is not a valid IP address.`);
  const geodata = world.get('geodata', address);
  if (geodata === undefined) throw new ServiceError(404, 'NotFound', `There is no geodata for ${address}.`);
  return { status: 200, body: geodata };
}

export const geodataRoutes: readonly Route[] = [
  {
    host: 'management.azure.com',
    method: 'GET',
    path: `${ENRICHMENT_PATH}/ip/geodata/?`,
    anyOf: MAY_READ,
    answer: inScope(getGeodata, VERSIONS),
  },
];
