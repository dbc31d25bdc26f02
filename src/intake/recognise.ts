/** Recognises deliveries: which incidents a body is about, or why it is rejected. */
import { type Item, itemsOf } from './decode/index.js';
import type { Deliveries, Delivery, RejectedDelivery } from './delivery.js';
import { SHAPES } from './shapes/index.js';
import { NEXT_INCIDENT, type Place, rejected, type Shape } from './shapes/shape.js';
import { isObject, type Json } from './text.js';

export const MAXIMUM_CHARACTERS = 1024 * 1024;

/**
 * Identifies the incidents of a delivered body, one delivery for each item. `body` is the trigger's input: parsed JSON, JSON
 * text, base64 of it, or bytes, inside events and lists. Never throws. Uses only the identity and a few hints from the body:
 * everything else is read from Sentinel. The first shape in the list that matches decides.
 */
export function recogniseDeliveries(body: unknown): Deliveries {
  const [first, ...more] = itemsOf(body, MAXIMUM_CHARACTERS);
  if (more.length === 0) return [recognise(first)];
  return [recogniseItem(first), ...more.map(recogniseItem)];
}

/** One item of several carries its own content. */
function recogniseItem(item: Item): Delivery {
  return { ...recognise(item), item: item.value };
}

/** The shape of a value: the first in the list that matches. */
export const shapeOf = (value: Json): Shape | undefined => SHAPES.find((shape) => shape.matches(value));

export function recognise(item: Item): Delivery {
  const { value, rejection } = item;
  if (rejection !== undefined) return rejected(rejection.code, rejection, item);
  if (!isObject(value)) {
    const reason = 'This is not a JSON object.';
    return rejected('not-an-object', { reason, next: 'Send an incident as a JSON object.' }, item);
  }
  return shapeOf(value)?.deliver(value, item) ?? unrecognised(value, item);
}

function unrecognised(value: Json, place: Place): RejectedDelivery {
  if (!isObject(value.properties)) {
    const reason = 'This is not in a known incident format.';
    return rejected('unknown-shape', { reason, next: NEXT_INCIDENT }, place);
  }
  const reason = 'The body has no incident id.';
  return rejected('no-incident-id', { reason, next: NEXT_INCIDENT, path: 'id' }, place);
}
