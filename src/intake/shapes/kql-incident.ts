import { joined } from '../decode/index.js';
import { type IncidentId, parseIncidentId } from '../incident-id.js';
import { latest, logIncidentReading } from '../read/log.js';
import { isObject, type Json, listOf, lowerOf, textOf } from '../text.js';
import { deliveryOf } from './incident.js';
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
    if (armId === undefined) {
      return rejected(
        'kql-incident',
        {
          reason: 'This is a row of the table SecurityIncident whose link holds no ARM id of this incident.',
          next: NEXT_FORWARD,
          path: 'IncidentUrl',
        },
        at,
      );
    }
    const properties = incidentProperties(row);
    const workspaceId = row.TenantId;
    return deliveryOf(
      'kql-incident',
      { id: armId.armId, path: 'IncidentUrl', armId, properties, workspaceId },
      at,
    );
  },
};

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

/** The ARM id after `#asset/…/Incident` in the link, if it names the incident of the row. */
function armIdIn(row: Json): IncidentId | undefined {
  const link = textOf(row.IncidentUrl) ?? '';
  const start = link.search(/\/subscriptions\//i);
  const id = start === -1 ? undefined : parseIncidentId(link.slice(start));
  return id !== undefined && lowerOf(id.name) === named(row, 'IncidentName') ? id : undefined;
}
