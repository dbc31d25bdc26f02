import { aliasesOf, isGuid } from '../aliases.js';
import { joined } from '../decode/index.js';
import type { Delivery } from '../delivery.js';
import { type IncidentId, parseIncidentId } from '../incident-id.js';
import { latest, logIncidentReading } from '../read/log.js';
import { fieldOf, isObject, type Json, listOf, lowerOf, textOf } from '../text.js';
import { deliveryOf, hintsOf } from './incident.js';
import { incidentProperties, listIn } from './kql-properties.js';
import { has, NEXT_FORWARD, named, type Place, rejected, type Shape } from './shape.js';

/** A row of the table SecurityIncident, alone or exported with its alerts: its link holds the incident's ARM id. */
export const kqlIncident: Shape = {
  name: 'kql-incident',
  matches: (value) => rowsIn(value).length > 0,
  groupOf: (value) => rowsIn(value).map((row) => `${lowerOf(row.TenantId)} ${lowerOf(row.IncidentName)}`)[0],
  read(values, context) {
    const row = latest(values.flatMap((value) => rowsIn(value)));
    return row && logIncidentReading(row, armIdIn(row), context.alertRows(listIn(row, 'AlertIds')));
  },
  deliver(value, place) {
    const [row = {}] = rowsIn(value);
    const at: Place =
      row === value || isTableRow(place) ? place : { ...place, path: joined(place.path, 'SecurityIncident') };
    const armId = armIdIn(row);
    const properties = incidentProperties(row);
    const workspaceId = textOf(row.TenantId) ?? row.WorkspaceId;
    if (armId === undefined) return withoutArmId(row, workspaceId, at);
    return deliveryOf(
      'kql-incident',
      { id: armId.armId, path: 'IncidentUrl', armId, properties, workspaceId },
      at,
    );
  },
};

/** The workspace of the row is known by its customer id: the configuration has its ARM id. */
function withoutArmId(row: Json, workspace: unknown, at: Place): Delivery {
  const [customerId = '', name] = [lowerOf(workspace), textOf(row.IncidentName)];
  if (!isGuid(customerId) || name === undefined || namesIncident(row)) {
    const reason =
      'This is a row of the table SecurityIncident that has neither the ARM id of its incident nor its workspace, or the id of another one.';
    return rejected('kql-incident', { reason, next: NEXT_FORWARD, path: 'IncidentUrl' }, at);
  }
  const properties = incidentProperties(row);
  return {
    kind: 'log-incident',
    shape: 'kql-incident',
    customerId,
    name,
    aliases: aliasesOf(properties, { workspaceId: customerId, name }),
    ...hintsOf({
      deliveryKey: at.deliveryKey,
      modified: fieldOf(properties, 'lastModifiedTimeUtc'),
      title: fieldOf(properties, 'title'),
      severity: fieldOf(properties, 'severity'),
    }),
  };
}

/** The row of a list in an export. */
const isTableRow = ({ path }: Place) => /SecurityIncident\[\d+\]$/.test(path);

const isRow = (value: unknown): value is Json =>
  isObject(value) && has(value, 'IncidentName') && !has(value, 'SystemAlertId');

/** The row itself, or the rows of an export, the latest first. */
export function rowsIn(value: Json): readonly Json[] {
  if (isRow(value)) return [value];
  const { SecurityIncident: table } = value;
  return (isObject(table) ? [table] : listOf(table)).filter(isRow);
}

const ARM_ID = /\/subscriptions\//i;
/** Whether the link names an incident, as far as it can be read: if not this one, the row contradicts itself. */
const namesIncident = (row: Json) => ARM_ID.test(textOf(row.IncidentUrl) ?? '');

/** The ARM id after `#asset/…/Incident` in the link, if it names the incident of the row. */
function armIdIn(row: Json): IncidentId | undefined {
  const link = textOf(row.IncidentUrl) ?? '';
  const start = link.search(ARM_ID);
  const id = start === -1 ? undefined : parseIncidentId(link.slice(start));
  return id !== undefined && lowerOf(id.name) === named(row, 'IncidentName') ? id : undefined;
}
