/** Who submitted an alert of an incident whose look-up has not ended yet: they must not decide about the incident either. */
import type { InvocationContext } from '@azure/functions';
import type { ApprovalRequest, Decider } from '../../domain/approval.js';
import { currentVotes } from '../../domain/approval.js';
import type { IncidentOrigin } from '../../domain/incident-origin.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { RUNNING } from '../incident-instances.js';
import { queryInstances } from '../instance-pages.js';
import { readIncident } from '../read-incident.js';
import { AlertLookups, prefixOf } from './alert-lookups.js';

/**
 * The object ids of those among the decider and the earlier voters. It costs one query of the task hub for each, and the incident
 * is read only if somebody has such a look-up. If it cannot be read, they count.
 */
export async function submittersOfAlerts(
  request: ApprovalRequest,
  by: Decider,
  { origin, context }: { readonly origin: IncidentOrigin; readonly context: InvocationContext },
): Promise<string[]> {
  const people = [by, ...currentVotes(request).map((vote) => vote.by)];
  const ids = [...new Set(people.flatMap((one) => (one.kind === 'automation' ? [] : one.objectId)))];
  const lookups = new AlertLookups(context);
  const found: string[] = [];
  for (const id of ids) {
    const query = { prefix: prefixOf(id), statuses: RUNNING };
    const { statuses } = await queryInstances(context, query);
    const alerts = await Promise.all(
      statuses.map(({ instanceId }) => lookups.read(instanceId).catch(() => undefined)),
    );
    const searched = alerts.flatMap((lookup) => (lookup === undefined ? [] : lowerCase(lookup.alert.id)));
    if (searched.length > 0 && (await hasAny(origin, searched))) found.push(id);
  }
  return found;
}

async function hasAny(origin: IncidentOrigin, searched: readonly string[]): Promise<boolean> {
  const read = await readIncident(origin).catch(() => undefined);
  if (read === undefined || read.unread !== undefined) return true;
  return read.incident.alerts.some(({ key, systemAlertId, providerAlertId }) =>
    [key, systemAlertId, providerAlertId].some((id) => id !== undefined && searched.includes(lowerCase(id))),
  );
}
