import { parseIncidentId } from '../incident-id.js';
import { restReading } from '../read/rest.js';
import { isObject, type Json, textOf } from '../text.js';
import { deliveryOf, identify } from './incident.js';
import { named, type Shape } from './shape.js';
import { restFormOf } from './snake-case.js';

/** The incident of the REST API: https://learn.microsoft.com/rest/api/securityinsights/incidents/get */
export const sentinelRest: Shape = {
  name: 'sentinel-rest',
  matches: (value) => isIncident(value) || isIncident(restFormOf(value)),
  deliver(value, place) {
    const incident = incidentIn(value);
    const { properties } = incident;
    const id = textOf(incident.id);
    return deliveryOf(
      'sentinel-rest',
      { id, path: 'id', armId: identify(incident, undefined), properties },
      place,
    );
  },
  read: ([value]) => restReading(incidentIn(value)),
};

/** The incident in the form of the REST API, also from what an SDK printed. */
function incidentIn(value: Json): Json {
  return isIncident(value) ? value : (restFormOf(value) ?? value);
}

function isIncident(value: Json | undefined): boolean {
  if (value === undefined) return false;
  if (!isObject(value.properties)) return false;
  if (named(value, 'type') === 'microsoft.securityinsights/incidents') return true;
  const id = textOf(value.id);
  if (id !== undefined) return /\/incidents\/[^/]*$/i.test(id) || parseIncidentId(id) !== undefined;
  return Object.hasOwn(value.properties, 'incidentNumber');
}
