/** Which alerts name an entity is asked where Sentinel does not say it, and only if a playbook's limit depends on it. */
import { kql } from '../domain/builders/kql.js';
import { ResponderError, toErrorInfo } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import { lowerCase } from '../domain/unicode-text.js';
import { suspicionInLog } from '../intake/index.js';
import { requireTenant } from './tenants.js';

/**
 * The table has one row for each change of an alert. `in` compares letters exactly.
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert
 */
const QUERY = `SecurityAlert
| where set_has_element(params.alerts, tolower(SystemAlertId))
| summarize arg_max(TimeGenerated, *) by SystemAlertId
| project SystemAlertId, TimeGenerated, AlertSeverity, Entities`;
/** As long as the search for the incident of an alert looks back. */
const TIMESPAN = 'P30D';

/**
 * The incident with what the log of its workspace says. Without an answer it stays as it is: then this is not known, and the
 * order does not use it.
 * @param warn says why there is no answer
 */
export async function withSuspicion(incident: Incident, warn: (text: string) => void): Promise<Incident> {
  const { origin, alerts } = incident;
  if (origin.kind !== 'sentinel' || alerts.length < 2) return incident;
  const { customerId } = origin.workspace;
  if (customerId === undefined) return incident;
  const ids = alerts.flatMap(({ systemAlertId }) => (systemAlertId ? lowerCase(systemAlertId) : []));
  try {
    const { logs } = requireTenant(origin).clients;
    const query = kql(QUERY, { alerts: [...new Set(ids)].sort() });
    const { rows } = await logs.query(customerId, query, TIMESPAN);
    return { ...incident, suspicion: suspicionInLog(incident, rows) };
  } catch (thrown) {
    if (!(thrown instanceof ResponderError)) throw thrown;
    const { code, message } = toErrorInfo(thrown);
    warn(`The log of the workspace does not say which alerts name which entities (${code}): ${message}`);
    return incident;
  }
}
