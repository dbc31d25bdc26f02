/** The list of incidents. https://learn.microsoft.com/rest/api/securityinsights/incidents/list */
import { ServiceError } from '../../errors.js';
import { applyQuery } from '../../odata.js';
import type { RouteRequest, RouteResponse } from '../../router.js';
import type { SimulatedIncident } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { armId } from './resource-provider.js';

/** Number of entries of a page, and the most that a page can have. */
const DEFAULT_TOP = 50;
const MAXIMUM_TOP = 1_000;

/** Answers a page; `nextLink` has the place of the next one in `$skipToken`. */
export function listIncidents(
  call: RouteRequest,
  resource: (db: TenantDatabase, incident: SimulatedIncident) => unknown,
): RouteResponse {
  const { db, query } = call;
  const top = Number(query.get('$top') ?? DEFAULT_TOP);
  const skip = Number(query.get('$skipToken') ?? 0);
  if (!Number.isInteger(top) || top < 1 || top > MAXIMUM_TOP || !Number.isInteger(skip) || skip < 0) {
    throw new ServiceError(400, 'BadRequest', 'The query parameters $top and $skipToken are not valid.');
  }
  const all = new URLSearchParams(query);
  all.delete('$top');
  const rows = db.all('incidents').map((incident) => ({ ...flat(incident.properties), incident }));
  const found = applyQuery(rows, all).map(({ incident }) => incident);
  const page = found.slice(skip, skip + top);
  const next = new URLSearchParams(query);
  next.set('$skipToken', String(skip + top));
  const more = skip + top < found.length;
  return {
    status: 200,
    body: {
      value: page.map((incident) => resource(db, incident)),
      ...(more ? { nextLink: `https://management.azure.com${armId(db, 'incidents')}?${next}` } : {}),
    },
  };
}

/** `properties/title` for `title`, as filters name it. */
function flat(properties: SimulatedIncident['properties']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [`properties/${name}`, value]));
}
