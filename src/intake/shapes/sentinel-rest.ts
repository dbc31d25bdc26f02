import { parseIncidentId } from '../incident-id.js';
import { isObject, lowerOf, textOf } from '../text.js';
import { deliveryOf } from './incident.js';
import { property, type Shape } from './shape.js';

/** The incident of the REST API: https://learn.microsoft.com/rest/api/securityinsights/incidents/get */
export const sentinelRest: Shape = {
  name: 'sentinel-rest',
  matches(body) {
    if (lowerOf(property(body, 'type')) === 'microsoft.securityinsights/incidents') return true;
    const properties = property(body, 'properties');
    if (!isObject(properties)) return false;
    const id = textOf(property(body, 'id'));
    if (id !== undefined) return /\/incidents\//i.test(id) || parseIncidentId(id) !== undefined;
    return Object.hasOwn(properties, 'incidentNumber');
  },
  keyOf: (body) => deliveryOf('sentinel-rest', isObject(body) ? body : {}, undefined, ''),
};
