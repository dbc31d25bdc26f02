import { lowerCase } from '../../domain/unicode-text.js';
import { restReading } from '../read/rest.js';
import { isObject, textOf } from '../text.js';
import { deliveryOf, identify } from './incident.js';
import { NEXT_INCIDENT, named, property, rejected, type Shape } from './shape.js';

/** The body of the Logic Apps "Microsoft Sentinel incident" trigger: https://learn.microsoft.com/connectors/azuresentinel/#triggers */
export const logicAppsTrigger: Shape = {
  name: 'logic-apps-trigger',
  matches: (value) =>
    named(value, 'objectSchemaType') !== 'alert' &&
    (isObject(value.object) || named(value, 'objectSchemaType') === 'incident'),
  deliver(value, place) {
    const schema = textOf(value.objectSchemaType);
    if (schema !== undefined && lowerCase(schema) !== 'incident') {
      const reason = 'The Logic Apps trigger fired for something other than an incident.';
      return rejected('unknown-shape', { reason, next: NEXT_INCIDENT, path: 'objectSchemaType' }, place);
    }
    const object = property(value, 'object');
    if (!isObject(object)) {
      const reason = 'The trigger body contains no incident.';
      return rejected('no-incident-id', { reason, next: NEXT_INCIDENT, path: 'object' }, place);
    }
    const incident = {
      id: textOf(object.id),
      path: 'object.id',
      armId: identify(object, value.workspaceInfo),
      properties: object.properties,
      eventId: value.eventUniqueId,
      workspaceId: value.workspaceId,
    };
    return deliveryOf('logic-apps-trigger', incident, place);
  },
  read: ([value]) => (isObject(value.object) ? restReading(value.object, value) : undefined),
};
