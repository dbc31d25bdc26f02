import type { Delivery, RejectedDelivery, RejectionCode } from '../delivery.js';
import { isObject } from '../text.js';

/** One form of the bodies that senders deliver. */
export interface Shape {
  readonly name: string;
  matches(body: unknown): boolean;
  /** The incident that a matching body is about, or why it is rejected. */
  keyOf(body: unknown): Delivery;
}

export const NEXT_INCIDENT =
  'Send the body of the "Microsoft Sentinel incident" trigger, or the incident as the REST API returns it.';
export const NEXT_FORWARD =
  'Forward the incident with the "Microsoft Sentinel incident" trigger of a playbook instead.';

export function rejected(code: RejectionCode, reason: string, next: string, path: string): RejectedDelivery {
  return { kind: 'rejected', code, reason, next, path };
}

/** A shape that senders confuse with an incident. Its message names what was sent. */
export function refusedShape(
  name: RejectionCode,
  { reason, next, path }: Pick<RejectedDelivery, 'reason' | 'next' | 'path'>,
  matches: Shape['matches'],
): Shape {
  return { name, matches, keyOf: () => rejected(name, reason, next, path) };
}

/** Whether the body is an object with all of these keys. */
export const has = (body: unknown, ...keys: string[]): boolean =>
  isObject(body) && keys.every((key) => Object.hasOwn(body, key));

/** A property by its exact name. */
export const property = (body: unknown, key: string): unknown =>
  isObject(body) && Object.hasOwn(body, key) ? body[key] : undefined;
