/** Events that hold no incident. All other events are opened before shapes are compared. */
import { isCloudEvent, isEventGridEvent, isSystemEvent } from '../decode/envelope.js';
import type { Json } from '../text.js';
import { named, refusedShape } from './shape.js';

const isValidation = (value: Json) =>
  isSystemEvent(value) && named(value, 'eventType') === 'microsoft.eventgrid.subscriptionvalidationevent';

export const eventGridValidation = refusedShape(
  'event-grid-validation',
  {
    reason: 'This is the handshake of an Event Grid subscription, not an incident.',
    next: "Subscribe the app's Event Grid endpoint (/runtime/webhooks/eventgrid?functionName=intakeFromEventGrid), which answers it.",
    path: 'eventType',
  },
  isValidation,
);

export const eventGridSystemEvent = refusedShape(
  'event-grid-system-event',
  { reason: 'This is an event about an Event Grid subscription, not about an incident.', path: 'eventType' },
  (value) => isSystemEvent(value) && !isValidation(value),
);

export const eventWithoutIncident = refusedShape(
  'event-without-incident',
  {
    reason: 'This is an event without data; only its data can be an incident.',
    next: 'Publish the incident as the data of the event.',
    path: 'data',
  },
  (value) => isCloudEvent(value) && !isEventGridEvent(value),
);
