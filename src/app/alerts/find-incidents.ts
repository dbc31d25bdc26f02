/** Asks the services that are configured which incidents contain an alert. Nothing that the alert says is called. */
import { z } from 'zod';
import type { AlertRef } from '../../domain/alert-lookup.js';
import { kql } from '../../domain/builders/kql.js';
import { path } from '../../domain/builders/path.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../../domain/errors.js';
import { keyOfOrigin } from '../../domain/incident-origin.js';
import { lowerCase } from '../../domain/unicode-text.js';
import {
  defenderAlertSchema,
  defenderOrigin,
  type IncidentDelivery,
  incidentOfRow,
  instanceIdOf,
} from '../../intake/index.js';
import { NO_INCIDENT_YET } from '../../orchestrator/index.js';
import { THE_ALERT } from '../refusals.js';
import { refuse, type Tenant } from '../tenants.js';
import { type AlertScope, type SearchedWorkspace, scopeOf } from './alert-scope.js';

/** The table only grows, by one row for each change: only the latest row of an incident says which alerts it has. */
const QUERY = `SecurityIncident
| summarize arg_max(LastModifiedTime, *) by IncidentName
| where AlertIds has tostring(params.alert)
| top 10 by LastModifiedTime desc
| project IncidentName, AlertIds, Status, Title, Severity, LastModifiedTime, ProviderName, ProviderIncidentId, AdditionalData`;
/** An incident gets a new row with each of its alerts. */
const DAYS = 30;

const rowSchema = z.looseObject({
  IncidentName: z.string(),
  AlertIds: z.array(z.string()),
  Status: z.string().nullish(),
});

/**
 * The incidents that contain the alert: all that are open, or else the one that changed last.
 * @throws ResponderError of the connectors, and NO_INCIDENT_YET if the services answered and know none.
 */
export async function findIncidentsOf(alert: AlertRef): Promise<readonly IncidentDelivery[]> {
  const scope = scopeOf(alert);
  if ('refused' in scope) {
    const { code, reason: message, next } = refuse(scope.refused, THE_ALERT);
    throw new ResponderError({ code, message, next, fault: 'caller', retry: 'no' });
  }
  return scope.kind === 'sentinel' ? inSentinel(alert.id, scope) : inDefender(alert.id, scope);
}

type Scope<K> = Extract<AlertScope, { kind: K }>;

/** https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityincident */
async function inSentinel(
  alert: string,
  { tenant, workspaces }: Scope<'sentinel'>,
): Promise<IncidentDelivery[]> {
  const found: z.infer<typeof rowSchema>[] = [];
  const deliveries = new Map<unknown, IncidentDelivery>();
  const failures: ErrorInfo[] = [];
  for (const workspace of workspaces) {
    try {
      for (const row of await rowsIn(tenant, workspace, alert)) {
        const delivery = incidentOfRow(row, workspace);
        if (delivery === undefined) continue;
        found.push(row);
        deliveries.set(row, delivery);
      }
    } catch (thrown) {
      failures.push(toErrorInfo(thrown));
    }
  }
  const open = found.filter(({ Status }) => lowerCase(Status ?? '') !== 'closed');
  const chosen = open.length > 0 ? open : found.slice(0, 1);
  if (chosen.length > 0) return chosen.flatMap((row) => deliveries.get(row) ?? []);
  throw failureOf(failures, workspaces.length);
}

async function rowsIn(
  { clients: { logs } }: Tenant,
  { customerId }: SearchedWorkspace,
  alert: string,
): Promise<z.infer<typeof rowSchema>[]> {
  const { rows, partial } = await logs.query(customerId, kql(QUERY, { alert }), `P${DAYS}D`);
  const read = rows.flatMap((row) => rowSchema.safeParse(row).data ?? []);
  const matching = read.filter(({ AlertIds }) => AlertIds.some((id) => lowerCase(id) === alert));
  if (matching.length === 0 && partial) throw incomplete();
  return matching;
}

/** An answer that may change goes before a missing permission, which another workspace need not have. */
function failureOf(failures: readonly ErrorInfo[], asked: number): ResponderError {
  const passing = failures.find(({ retry }) => retry !== 'no');
  if (passing !== undefined) return new ResponderError({ ...passing, retry: 'later' });
  const [first] = failures;
  return first !== undefined && failures.length === asked ? new ResponderError(first) : notYet();
}

/** https://learn.microsoft.com/graph/api/security-alert-get */
async function inDefender(id: string, { tenant, tenantId }: Scope<'defender'>): Promise<IncidentDelivery[]> {
  const { body } = await tenant.clients.graph
    .get(path`/v1.0/security/alerts_v2/${id}`, defenderAlertSchema)
    .catch((thrown: unknown) => {
      throw thrown instanceof ResponderError && thrown.info.code === 'not-found' ? notYet() : thrown;
    });
  const isOther = body.tenantId && lowerCase(body.tenantId) !== tenantId;
  if (lowerCase(String(body.id)) !== lowerCase(id) || isOther) throw otherAlert();
  const origin = defenderOrigin(tenantId, body.incidentId);
  if (origin === undefined) throw notYet();
  const key = keyOfOrigin(origin);
  return [
    { kind: 'incident', shape: 'graph-alert', origin, key, instanceId: instanceIdOf(key), aliases: [] },
  ];
}

function notYet(): ResponderError {
  return new ResponderError({
    code: NO_INCIDENT_YET,
    message: 'There is no incident with this alert yet.',
    fault: 'service',
    retry: 'later',
  });
}

function incomplete(): ResponderError {
  return new ResponderError({
    code: 'incomplete-answer',
    message: 'The answer of the workspace was incomplete.',
    fault: 'service',
    retry: 'later',
  });
}

function otherAlert(): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'Microsoft Graph returned a different alert from the requested one.',
    fault: 'service',
    retry: 'no',
  });
}
