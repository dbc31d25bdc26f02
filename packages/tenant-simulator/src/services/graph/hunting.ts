/** Advanced hunting through Microsoft Graph. https://learn.microsoft.com/graph/api/security-security-runhuntingquery */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { NotSimulated, type Route, type RouteRequest, type RouteResponse } from '../../router.js';
import { findRecorded, parseQuery } from '../log-analytics/queries.js';
import { clickRows, deliveryRows, isAboutClicks, isAboutDelivery, type Row } from './email-tables.js';
import { GRAPH } from './host.js';

const bodySchema = z.strictObject({ Query: z.string().min(1), Timespan: z.string().optional() });

function runQuery({ text, db }: RouteRequest): RouteResponse {
  const { Query } = readBody(text, bodySchema, 'BadRequest');
  const given = parseQuery(Query);
  const recorded = findRecorded(db, given);
  const rows =
    recorded?.rows.map((cells) =>
      Object.fromEntries(recorded.columns.map(({ name }, i) => [name, cells[i] ?? null])),
    ) ??
    (isAboutDelivery(given) ? deliveryRows(db, given.params.message) : undefined) ??
    (isAboutClicks(given) ? clickRows(db, given.params.message) : undefined);
  if (rows === undefined) throw new NotSimulated();
  return { status: 200, body: resultsOf(rows) };
}

function resultsOf(results: readonly Row[]) {
  const schema = Object.keys(results[0] ?? {}).map((name) => ({ name, type: 'String' }));
  const context = `https://${GRAPH.name}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults`;
  return { '@odata.context': context, schema, results };
}

export const huntingRoutes: readonly Route[] = [
  {
    host: GRAPH,
    method: 'POST',
    path: '/v1.0/security/runHuntingQuery',
    anyOf: ['ThreatHunting.Read.All'],
    handle: runQuery,
  },
];
