/** Lists incidents of Defender by the time of their last change, through Microsoft Graph. */
import { z } from 'zod';
import { odata, path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import { nextPlace } from '../next-place.js';
import type { Tenant } from '../tenants.js';
import type { ChangedPage } from './changed-incidents.js';

const PAGE_SIZE = 50;
/** 10,000 incidents that changed within a day are more than a sweep reads; the next one begins at the same time. */
const MOST_PAGES = 200;

const pageSchema = z.looseObject({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });

/**
 * Yields the pages of the incidents that changed at or after a time. Graph cannot order them by that time: it shows the newest
 * first, so an incident that changes meanwhile is listed twice, and none is missed.
 * https://learn.microsoft.com/graph/api/security-list-incidents
 * @param from ISO 8601, UTC. @throws ResponderError from the connector, and `bad-answer` for a link without a place.
 */
export async function* changedDefenderIncidents(
  { clients: { graph } }: Tenant,
  from: string,
): AsyncGenerator<ChangedPage> {
  const filter = odata`lastUpdateDateTime ge ${{ raw: from }}`;
  const query = path`/v1.0/security/incidents?$filter=${filter}&$top=${PAGE_SIZE}`;
  let page = query;
  for (let pages = 1; ; pages++) {
    const { value, '@odata.nextLink': link } = (await graph.get(page, pageSchema)).body;
    yield { incidents: value, isLast: !link };
    if (!link || pages >= MOST_PAGES) return;
    const place = nextPlace(link);
    if (place === undefined) throw withoutPlace();
    page = path`${{ raw: query }}&${place.name}=${place.value}`;
  }
}

function withoutPlace(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Microsoft Graph returned a list of incidents whose next page cannot be found.',
    fault: 'service',
    retry: 'later',
  });
}
