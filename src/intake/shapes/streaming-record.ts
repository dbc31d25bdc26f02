import { streamingReading } from '../read/defender.js';
import { fieldOf, textOf } from '../text.js';
import { has, NEXT_FORWARD, named, refusedShape } from './shape.js';

/** A record of Defender XDR's streaming API: https://learn.microsoft.com/defender-xdr/streaming-api */
export const streamingRecord = refusedShape(
  'streaming-record',
  {
    reason: "This is a record of Defender's streaming API: it names no incident.",
    next: NEXT_FORWARD,
    path: 'category',
  },
  (value) => named(value, 'category').startsWith('advancedhunting-') && has(value, 'properties'),
  { read: streamingReading, groupOf: (value) => textOf(fieldOf(value.properties, 'AlertId')) },
);
