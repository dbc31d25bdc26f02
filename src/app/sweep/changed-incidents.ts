/** Lists incidents of a workspace by the time of their last change. */
import { z } from 'zod';
import { armId, odata, path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import type { Workspace } from '../tenant-config.js';
import type { Tenant } from '../tenants.js';

const API_VERSION = '2025-09-01';
const PAGE_SIZE = 100;
const ORDER = 'properties/lastModifiedTimeUtc asc';

const pageSchema = z.looseObject({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

export interface ChangedPage {
  readonly incidents: readonly unknown[];
  readonly isLast: boolean;
}

/**
 * Yields the pages of the incidents that changed at or after a time, the earliest change first.
 * https://learn.microsoft.com/rest/api/securityinsights/incidents/list
 * @param from ISO 8601, UTC. @throws ResponderError from the connector, and `bad-answer` for a link without a place.
 */
export async function* changedIncidents(
  { clients: { arm } }: Tenant,
  { id }: Workspace,
  from: string,
): AsyncGenerator<ChangedPage> {
  const incidents = { raw: `${armId(id).raw}/providers/Microsoft.SecurityInsights/incidents` };
  const filter = odata`properties/lastModifiedTimeUtc ge ${{ raw: from }}`;
  const query = path`${incidents}?api-version=${API_VERSION}&$filter=${filter}&$orderby=${ORDER}&$top=${PAGE_SIZE}`;
  let page = query;
  for (;;) {
    const { value, nextLink } = (await arm.get(page, pageSchema)).body;
    yield { incidents: value, isLast: !nextLink };
    if (!nextLink) return;
    page = path`${{ raw: query }}&$skipToken=${skipTokenOf(nextLink)}`;
  }
}

/** Only the place is taken from a link: its host and path are never called. */
function skipTokenOf(link: string): string {
  const query = URL.canParse(link) ? new URL(link).searchParams : new URLSearchParams();
  const [token] = [...query].flatMap(([name, value]) => (/^\$?skiptoken$/i.test(name) ? [value] : []));
  if (token) return token;
  throw new ResponderError({
    code: 'bad-answer',
    message: 'Sentinel returned a list of incidents whose next page cannot be found.',
    fault: 'service',
    retry: 'later',
  });
}
