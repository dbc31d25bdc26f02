/** Common parts of all calls of Sentinel's resource provider. */
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest } from '../../router.js';
import type { SimulatedIncident } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';

const PROVIDER = 'Microsoft.SecurityInsights';
const STABLE = ['2023-11-01', '2024-03-01', '2024-09-01', '2025-03-01', '2025-06-01', '2025-09-01'];
export const INCIDENTS_PATH =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.OperationalInsights/workspaces/:workspace/providers/Microsoft.SecurityInsights/incidents';
export const INCIDENT_PATH = `${INCIDENTS_PATH}/:incident`;
export const ENRICHMENT_PATH =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.SecurityInsights/enrichment';
export const MAY_READ = [
  'Microsoft Sentinel Reader',
  'Microsoft Sentinel Responder',
  'Microsoft Sentinel Contributor',
];
export const MAY_WRITE = ['Microsoft Sentinel Responder', 'Microsoft Sentinel Contributor'];

type Handler = Route['handle'];

/** Accepts only the tenant's own scope and an API version that has the operation. */
export function inScope(answer: Handler, versions: readonly string[] = STABLE): Handler {
  return (call) => {
    const version = call.query.get('api-version');
    if (version === null) {
      const message = 'The api-version query parameter (?api-version=) is required for all requests.';
      throw new ServiceError(400, 'MissingApiVersionParameter', message);
    }
    if (!versions.includes(version)) {
      const message = `The api-version '${version}' is invalid. The supported versions are '${versions.join(',')}'.`;
      throw new ServiceError(400, 'InvalidApiVersionParameter', message);
    }
    checkScope(call);
    return answer(call);
  };
}

function checkScope({ params, db }: RouteRequest): void {
  const { subscriptionId, resourceGroup, name } = db.settings.workspace;
  const same = (value: string | undefined, expected: string): boolean =>
    value === undefined || value.toLowerCase() === expected.toLowerCase();
  if (!same(params.subscription, subscriptionId)) {
    const message = `The subscription '${params.subscription}' could not be found.`;
    throw new ServiceError(404, 'SubscriptionNotFound', message);
  }
  if (!same(params.group, resourceGroup)) {
    throw new ServiceError(
      404,
      'ResourceGroupNotFound',
      `Resource group '${params.group}' could not be found.`,
    );
  }
  if (!same(params.workspace, name)) {
    const message = `The Resource 'Microsoft.OperationalInsights/workspaces/${params.workspace}' was not found.`;
    throw new ServiceError(404, 'ResourceNotFound', message);
  }
}

/** ARM id of a resource under the workspace's Sentinel. */
export function armId(db: TenantDatabase, path: string): string {
  const { subscriptionId, resourceGroup, name } = db.settings.workspace;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${name}/providers/${PROVIDER}/${path}`;
}

export function findIncident({ params, db }: RouteRequest): SimulatedIncident {
  const incident = db.get('incidents', (params.incident ?? '').toLowerCase());
  if (incident !== undefined) return incident;
  throw new ServiceError(404, 'NotFound', `Incident '${params.incident}' was not found.`);
}

/**
 * The etag of the body must be the current one; without an etag an existing resource is not overwritten.
 * @throws ServiceError 409 for the body, 412 for an `If-Match` header.
 */
export function checkEtag(
  call: RouteRequest,
  name: string,
  present: string,
  given: string | undefined,
): void {
  const bare = (etag: string): string => etag.replace(/^W\//, '').replaceAll('"', '');
  const header = call.header('if-match');
  if (header !== undefined && header !== '*' && bare(header) !== bare(present)) {
    throw new ServiceError(412, 'PreconditionFailed', `The condition '${header}' evaluated to false.`);
  }
  if (header === undefined && given !== '*' && bare(given ?? '') !== bare(present)) {
    throw new ServiceError(409, 'Conflict', `Newer version of resource '${name}' exists. Data was not saved`);
  }
}
