/** Indicators. https://learn.microsoft.com/defender-endpoint/api/post-ti-indicator */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import { applyQuery } from '../../odata.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import type { Indicator } from '../../tenant.js';
import type { TenantDatabase } from '../../tenant-database.js';
import { DEFENDER } from './host.js';

const CONTEXT = `https://${DEFENDER.name}/api/$metadata#Indicators`;
const ALL = 'Ti.ReadWrite.All';
const ANY = ['Ti.ReadWrite', ALL];
const MOST = 15_000;
const FIRST_ID = 995;

const TYPES = {
  FileSha1: /^[0-9a-f]{40}$/i,
  FileSha256: /^[0-9a-f]{64}$/i,
  FileMd5: /^[0-9a-f]{32}$/i,
  CertificateThumbprint: /^[0-9a-f]{40}$/i,
  // Neither a network nor an internal address.
  IpAddress: /^(?!10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|fe80:|f[cd])[0-9a-f.:]+$/i,
  DomainName: /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i,
  Url: /^https?:\/\/\S+$/i,
} as const;
const bodySchema = z.looseObject({
  indicatorValue: z.string().min(1),
  indicatorType: z.enum(Object.keys(TYPES) as (keyof typeof TYPES)[]),
  action: z.enum(['Warn', 'Block', 'Audit', 'BlockAndRemediate', 'Allowed']),
  title: z.string().min(1),
  description: z.string().min(1),
  severity: z.enum(['Informational', 'Low', 'Medium', 'High']).optional(),
  expirationTime: z.iso.datetime({ offset: true }).nullish(),
  generateAlert: z.boolean().optional(),
  rbacGroupNames: z.array(z.string()).default([]),
});

/** Only active indicators are listed. */
export function advanceIndicators(db: TenantDatabase, now: number): void {
  for (const { id, expirationTime } of db.all('indicators')) {
    if (expirationTime !== null && Date.parse(expirationTime) <= now) db.delete('indicators', id);
  }
}

/** An app that may not see all of them only sees its own. */
function visibleTo(db: TenantDatabase): Indicator[] {
  const { app } = db.settings;
  const all = app.permissions.defender.includes(ALL);
  return db.all('indicators').filter(({ createdBy }) => all || createdBy === app.objectId);
}

/** Creates it, or overwrites that of the same value and type, also if someone else created that. */
function submit({ text, db, now }: RouteRequest): RouteResponse {
  const body = readBody(text, bodySchema, 'InvalidRequestBody');
  const { app } = db.settings;
  if (!TYPES[body.indicatorType].test(body.indicatorValue)) {
    throw new ServiceError(
      400,
      'InvalidInput',
      `${body.indicatorValue} is not a valid ${body.indicatorType}`,
    );
  }
  const all = db.all('indicators');
  const same = all.find(
    ({ indicatorType, indicatorValue }) =>
      indicatorType === body.indicatorType &&
      indicatorValue.toLowerCase() === body.indicatorValue.toLowerCase(),
  );
  if (same === undefined && all.length >= MOST) {
    throw new ServiceError(400, 'InvalidInput', `There are already ${MOST} active indicators`);
  }
  const at = new Date(now).toISOString();
  const indicator: Indicator = {
    application: null,
    source: app.displayName,
    sourceType: 'AadApp',
    severity: null,
    recommendedActions: '',
    creationTimeDateTimeUtc: at,
    createdBySource: app.displayName,
    createdBy: app.objectId,
    ...same,
    ...body,
    id: same?.id ?? String(Math.max(FIRST_ID - 1, ...all.map(({ id }) => Number(id))) + 1),
    expirationTime: body.expirationTime ?? null,
    lastUpdateTime: at,
    lastUpdatedBy: same === undefined ? null : app.displayName,
  };
  db.put('indicators', indicator);
  return { status: 200, body: { '@odata.context': `${CONTEXT}/$entity`, ...indicator } };
}

function list({ query, db }: RouteRequest): RouteResponse {
  return { status: 200, body: { '@odata.context': CONTEXT, value: applyQuery(visibleTo(db), query) } };
}

function remove({ params, db }: RouteRequest): RouteResponse {
  const found = visibleTo(db).find(({ id }) => id === params.id);
  if (found === undefined)
    throw new ServiceError(404, 'ResourceNotFound', `Indicator ${params.id} was not found`);
  db.delete('indicators', found.id);
  return { status: 204 };
}

export const indicatorRoutes: readonly Route[] = [
  { host: DEFENDER, method: 'GET', path: '/api/indicators', anyOf: ANY, handle: list },
  { host: DEFENDER, method: 'POST', path: '/api/indicators', anyOf: ANY, handle: submit },
  { host: DEFENDER, method: 'DELETE', path: '/api/indicators/:id', anyOf: ANY, handle: remove },
];
