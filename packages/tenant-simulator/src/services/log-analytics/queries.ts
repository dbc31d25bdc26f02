/** Queries to the workspace. https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format */

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { NotSimulated, type Route, type RouteRequest, type RouteResponse } from '../../router.js';
import type { RecordedQuery } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { LOG_ANALYTICS } from './host.js';
import { alertRows, isAboutAlerts } from './security-alerts.js';
import { incidentsWithAlert, isAboutAlert } from './security-incidents.js';

const bodySchema = z.looseObject({ query: z.string().min(1), timespan: z.string().optional() });
/** A first statement that carries the parameters as one percent-encoded JSON literal. */
const PARAMS = /^let params = todynamic\(url_decode\('([^']*)'\)\);\s*/;

function query({ params, text, db }: RouteRequest): RouteResponse {
  if (params.workspace?.toLowerCase() !== db.settings.workspace.customerId.toLowerCase()) {
    throw new ServiceError(404, 'WorkspaceNotFoundError', 'The workspace could not be found');
  }
  const body = readBody(text, bodySchema, 'BadArgumentError');
  const given = parseQuery(body.query);
  const recorded = findRecorded(db, given);
  if (recorded === undefined && isAboutAlert(given.constant, given.params)) {
    return { status: 200, body: { tables: [incidentsWithAlert(db, given.params.alert)] } };
  }
  if (recorded === undefined && isAboutAlerts(given.constant, given.params)) {
    return { status: 200, body: { tables: [alertRows(db, given.params.alerts)] } };
  }
  if (recorded === undefined) throw new NotSimulated();
  const table = {
    name: 'PrimaryResult',
    columns: recorded.columns,
    rows: recorded.rows.map(cells(recorded)),
  };
  return { status: 200, body: { tables: [table], ...partial(recorded) } };
}

export interface GivenQuery {
  readonly constant: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The parameters of a query, and the rest of it. */
export function parseQuery(text: string): GivenQuery {
  const literal = PARAMS.exec(text);
  if (literal === null) return { constant: text, params: {} };
  const params = z.record(z.string(), z.unknown()).parse(JSON.parse(decodeURIComponent(literal[1] ?? '')));
  return { constant: text.slice(literal[0].length), params };
}

export function findRecorded(db: TenantDatabase, given: GivenQuery): RecordedQuery | undefined {
  return db.all('queries').find((candidate) => matches(candidate, given));
}

function matches(recorded: RecordedQuery, { constant, params }: GivenQuery): boolean {
  return (
    recorded.contains.every((part) => constant.includes(part)) &&
    Object.entries(recorded.params).every(([name, value]) => isDeepStrictEqual(params[name], value))
  );
}

/** Values of type dynamic are sent as JSON text. */
function cells({ columns }: RecordedQuery): (row: readonly unknown[]) => unknown[] {
  return (row) =>
    row.map((value, i) =>
      columns[i]?.type === 'dynamic' && typeof value !== 'string' ? JSON.stringify(value) : value,
    );
}

function partial({ partialError }: RecordedQuery): Record<string, unknown> {
  if (partialError === undefined) return {};
  const details = [{ code: 'EngineError', message: partialError }];
  return {
    error: { code: 'PartialError', message: 'There were some errors when processing your query.', details },
  };
}

export const logAnalyticsRoutes: readonly Route[] = [
  {
    host: LOG_ANALYTICS,
    method: 'POST',
    path: '/v1/workspaces/:workspace/query',
    anyOf: ['Data.Read'],
    handle: query,
  },
];
