import { has, refusedShape } from './shape.js';

export const eventEnvelope = refusedShape(
  'event-envelope',
  {
    reason: 'This is a complete event; only its data is an incident.',
    next: 'Send it to the Event Grid endpoint, or send the content of "data" alone.',
    path: 'data',
  },
  (body) => has(body, 'data') && (has(body, 'specversion') || has(body, 'eventType')),
);
