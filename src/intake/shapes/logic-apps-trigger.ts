import { lowerCase } from '../../domain/unicode-text.js';
import { isObject, lowerOf, textOf } from '../text.js';
import { deliveryOf } from './incident.js';
import { NEXT_INCIDENT, property, rejected, type Shape } from './shape.js';

/** The body of the Logic Apps "Microsoft Sentinel incident" trigger: https://learn.microsoft.com/connectors/azuresentinel/#triggers */
export const logicAppsTrigger: Shape = {
  name: 'logic-apps-trigger',
  matches: (body) =>
    isObject(property(body, 'object')) || lowerOf(property(body, 'objectSchemaType')) === 'incident',
  keyOf(body) {
    const schema = textOf(property(body, 'objectSchemaType'));
    if (schema !== undefined && lowerCase(schema) !== 'incident') {
      const reason = 'The Logic Apps trigger fired for something other than an incident.';
      return rejected('unknown-shape', reason, NEXT_INCIDENT, 'objectSchemaType');
    }
    const object = property(body, 'object');
    if (!isObject(object)) {
      return rejected('no-incident-id', 'The trigger body contains no incident.', NEXT_INCIDENT, 'object');
    }
    return deliveryOf('logic-apps-trigger', object, isObject(body) ? body : undefined, 'object.');
  },
};
