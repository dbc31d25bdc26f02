import { streamingReading } from '../read/defender.js';
import { fieldOf, textOf } from '../text.js';
import { alertDelivery, defenderAlertRef } from './alert.js';
import { has, NEXT_FORWARD, named, type Shape } from './shape.js';

/** A record of Defender XDR's streaming API: https://learn.microsoft.com/defender-xdr/streaming-api */
export const streamingRecord: Shape = {
  name: 'streaming-record',
  matches: (value) => named(value, 'category').startsWith('advancedhunting-') && has(value, 'properties'),
  deliver: ({ properties, tenantId }, place) =>
    alertDelivery(defenderAlertRef(fieldOf(properties, 'AlertId'), tenantId), REFUSAL, place),
  read: streamingReading,
  groupOf: (value) => textOf(fieldOf(value.properties, 'AlertId')),
};

const REFUSAL = {
  code: 'streaming-record',
  reason: "This is a record of Defender's streaming API: it names neither an incident nor an alert.",
  next: NEXT_FORWARD,
  path: 'category',
} as const;
