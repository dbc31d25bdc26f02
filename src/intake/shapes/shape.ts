import { joined } from '../decode/index.js';
import type { Delivery, DeliveryShape, RejectedDelivery, RejectionCode } from '../delivery.js';
import type { Reading } from '../reading.js';
import { isObject, type Json, textOf } from '../text.js';

/** Where a value is in its body. `deliveryKey`: the sender's id of the event that contains it. */
export interface Place {
  readonly path: string;
  readonly deliveryKey?: string | undefined;
}

/** One form of the things that senders deliver. */
export interface Shape {
  readonly name: DeliveryShape | RejectionCode;
  matches(value: Json): boolean;
  /** The incident that a matching value is about, or why it is rejected. */
  deliver(value: Json, place: Place): Delivery;
  /** Reads it in full. Undefined: it has no id of an incident. @param values all values of one group */
  read?(values: readonly [Json, ...Json[]], context: ReadContext): Reading | undefined;
  /** Values with the same group are about the same incident or alert. */
  groupOf?(value: Json): string | undefined;
}

/** What else the body contains. */
export interface ReadContext {
  /** The rows of these alerts, the latest of each. */
  alertRows(ids: readonly string[]): readonly Json[];
}

export const NEXT_INCIDENT =
  'Send the body of the "Microsoft Sentinel incident" trigger, or the incident as the REST API returns it.';
export const NEXT_FORWARD =
  'Forward the incident with the "Microsoft Sentinel incident" trigger of a playbook instead.';

/** @param path where in the value the fault is, below `place`. */
export function rejected(
  code: RejectionCode,
  { reason, next, path = '' }: { readonly reason: string; readonly next: string; readonly path?: string },
  place: Place,
): RejectedDelivery {
  return { kind: 'rejected', code, reason, next, path: joined(place.path, path) };
}

/** A shape that senders confuse with an incident. Its message names what was sent. */
export function refusedShape(
  name: RejectionCode,
  message: { readonly reason: string; readonly next?: string; readonly path?: string },
  matches: Shape['matches'],
  reader: Pick<Shape, 'read' | 'groupOf'> = {},
): Shape {
  return {
    name,
    ...reader,
    matches,
    deliver: (_value, place) => rejected(name, { next: NEXT_INCIDENT, ...message }, place),
  };
}

/** Whether the value is an object with all of these keys. */
export const has = (value: unknown, ...keys: string[]): boolean =>
  isObject(value) && keys.every((key) => Object.hasOwn(value, key));

/** A property by its exact name. */
export const property = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** The text of a property, in lower case; empty if it has none. */
export const named = (value: unknown, key: string): string =>
  (textOf(property(value, key)) ?? '').toLowerCase();

/** Whether the context or the type that OData writes contains this name. */
export const isOData = (value: unknown, name: string): boolean =>
  named(value, '@odata.context').includes(name) || named(value, '@odata.type').includes(name);
