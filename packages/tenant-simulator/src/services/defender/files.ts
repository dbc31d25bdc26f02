/** Files of Defender for Endpoint. https://learn.microsoft.com/defender-endpoint/api/get-file-information */

import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { FileProfile } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { DEFENDER } from './host.js';

const CONTEXT = `https://${DEFENDER.name}/api/$metadata`;

/** By SHA-1 or SHA-256. */
function findFile(db: TenantDatabase, hash: string): FileProfile {
  const wanted = hash.toLowerCase();
  if (!/^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(wanted)) {
    throw new ServiceError(400, 'InvalidInput', `The file identifier ${hash} is not a SHA1 or SHA256.`);
  }
  const file = db.all('files').find(({ sha1, sha256 }) => sha1 === wanted || sha256 === wanted);
  if (file === undefined) throw new ServiceError(404, 'ResourceNotFound', `File ${hash} was not found`);
  return file;
}

function getFile({ params, db }: RouteRequest): RouteResponse {
  const { statistics: _s, ...file } = findFile(db, params.hash ?? '');
  return { status: 200, body: { '@odata.context': `${CONTEXT}#Files/$entity`, ...file } };
}

function getStatistics({ params, query, db }: RouteRequest): RouteResponse {
  const hours = Number(query.get('lookBackHours') ?? '720');
  if (!Number.isInteger(hours) || hours < 1 || hours > 720) {
    throw new ServiceError(400, 'InvalidInput', 'lookBackHours must be between 1 and 720.');
  }
  const file = findFile(db, params.hash ?? '');
  const context = `${CONTEXT}#microsoft.windowsDefenderATP.api.InOrgFileStats`;
  return { status: 200, body: { '@odata.context': context, sha1: file.sha1, ...file.statistics } };
}

export const fileRoutes: readonly Route[] = [
  { host: DEFENDER, method: 'GET', path: '/api/files/:hash/?', anyOf: ['File.Read.All'], handle: getFile },
  {
    host: DEFENDER,
    method: 'GET',
    path: '/api/files/:hash/stats',
    anyOf: ['File.Read.All'],
    handle: getStatistics,
  },
];
