/** Which devices connected to an address or a domain. https://learn.microsoft.com/defender-endpoint/api/get-ip-statistics */
import { isIP } from 'node:net';
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import { DEFENDER } from './host.js';

const CONTEXT = `https://${DEFENDER.name}/api/$metadata#microsoft.windowsDefenderATP.api`;

/** Of what no device has connected to, the prevalence is 0. */
function statistics({ query, db }: RouteRequest, type: string, name: string, of: string): RouteResponse {
  const hours = Number(query.get('lookBackHours') ?? '720');
  if (!Number.isInteger(hours) || hours < 1 || hours > 720) {
    throw new ServiceError(400, 'InvalidInput', 'lookBackHours must be between 1 and 720.');
  }
  const { of: _of, ...seen } = db.get('prevalence', of.toLowerCase()) ?? {
    of,
    organizationPrevalence: 0,
    orgFirstSeen: null,
    orgLastSeen: null,
  };
  return { status: 200, body: { '@odata.context': `${CONTEXT}.${type}`, [name]: of, ...seen } };
}

function ofAddress(call: RouteRequest): RouteResponse {
  const { address = '' } = call.params;
  if (isIP(address) === 0) throw new ServiceError(400, 'InvalidInput', `${address} is not an IP address.`);
  return statistics(call, 'InOrgIPStats', 'ipAddress', address);
}

const ofDomain = (call: RouteRequest): RouteResponse =>
  statistics(call, 'InOrgDomainStats', 'host', call.params.domain ?? '');

export const prevalenceRoutes: readonly Route[] = [
  {
    host: DEFENDER,
    method: 'GET',
    path: '/api/ips/:address/stats',
    anyOf: ['Ip.Read.All'],
    handle: ofAddress,
  },
  {
    host: DEFENDER,
    method: 'GET',
    path: '/api/domains/:domain/stats',
    anyOf: ['URL.Read.All'],
    handle: ofDomain,
  },
];
