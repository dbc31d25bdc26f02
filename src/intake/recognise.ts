/** Recognises deliveries: which incident a body is about, or why it is rejected. */
import { decodeBody } from './body.js';
import type { Deliveries, RejectedDelivery } from './delivery.js';
import { SHAPES } from './shapes/index.js';
import { NEXT_INCIDENT, rejected } from './shapes/shape.js';
import { isObject } from './text.js';

export const MAXIMUM_CHARACTERS = 1024 * 1024;

/**
 * Identifies the incidents of a delivered body, one delivery for each item. `body` is the trigger's input: parsed JSON, JSON text, base64 of it, or
 * bytes; for an event, its `data`. Never throws. Uses only the identity and a few hints from the body: everything else
 * is read from Sentinel. The first shape in the list that matches decides.
 */
export function recogniseDeliveries(body: unknown): Deliveries {
  const decoded = decodeBody(body, MAXIMUM_CHARACTERS);
  if (!decoded.ok) return [{ kind: 'rejected', ...decoded.rejection }];
  const { value } = decoded;
  return [SHAPES.find((shape) => shape.matches(value))?.keyOf(value) ?? unrecognised(value)];
}

function unrecognised(body: unknown): RejectedDelivery {
  if (!isObject(body)) {
    const next = 'Send one incident as a JSON object.';
    return rejected('not-an-object', 'The body is not a JSON object.', next, '');
  }
  return isObject(body.properties)
    ? rejected('no-incident-id', 'The body has no incident id.', NEXT_INCIDENT, 'id')
    : rejected('unknown-shape', 'The body is not in a known incident format.', NEXT_INCIDENT, '');
}
