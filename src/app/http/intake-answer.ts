/** The answer to a submitted body: what became of each of its items. */
import type { HttpResponseInit } from '@azure/functions';
import type { RejectedDelivery, RejectionCode } from '../../intake/index.js';
import type { Received } from '../deliveries.js';
import { json, type Problem, problem } from '../problem.js';

const STATUS: Partial<Record<RejectionCode, number>> = { 'too-large': 413, 'malformed-json': 400 };

/**
 * One item: its result, or the problem with it. Several: a list of results, with 202 if anything starts or changes; a
 * problem if every item is rejected. @param kept ids of what was stored of the rejected items; undefined if nothing could
 * be stored. @param isEvent whether a sender of events delivers it, which reads nothing but the status.
 */
export function intakeAnswer(
  received: readonly [Received, ...Received[]],
  kept: readonly string[] | undefined,
  isEvent: boolean,
): HttpResponseInit {
  const [first, ...others] = received;
  if (received.every(({ kind }) => kind === 'rejected')) {
    return problem({
      ...rejectionOf(received as readonly RejectedDelivery[], kept),
      ...eventStatus(isEvent, kept),
    });
  }
  if (isEvent && kept === undefined) return problem({ ...NOT_STORED, status: 503 });
  const status = received.every(({ kind }) => kind === 'rejected' || kind === 'duplicate') ? 200 : 202;
  return json(others.length > 0 ? { results: received.map(resultOf), kept } : resultOf(first), status);
}

function rejectionOf(rejected: readonly RejectedDelivery[], kept: readonly string[] | undefined): Problem {
  const { detail, status, ...rest } = problemOf(rejected[0] as RejectedDelivery);
  const isOne = rejected.length === 1;
  const first = isOne ? detail : `None of the ${rejected.length} items can be used. The first: ${detail}`;
  return {
    ...rest,
    status: isOne ? status : 422,
    detail: kept ? first : `${first} The body was not stored.`,
    ...(kept ? { kept } : {}),
    ...(isOne ? {} : { results: rejected.map(resultOf) }),
  };
}

/**
 * Event Grid repeats a delivery for a day, except after 400, 401, 403 and 413: what is stored need not be repeated.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry
 */
function eventStatus(isEvent: boolean, kept: readonly string[] | undefined): { readonly status?: number } {
  return isEvent ? { status: kept === undefined ? 503 : 400 } : {};
}

const NOT_STORED = {
  code: 'not-stored',
  detail: 'An item was rejected and could not be stored.',
  next: 'Send the same body again.',
};

export function resultOf(item: Received) {
  if (item.kind !== 'rejected') {
    const { kind: status, ...about } = item;
    return { status, ...about };
  }
  const { kind: status, code, reason, next, path: place } = item;
  return { status, code, reason, next, ...(place === '' ? {} : { place }) };
}

export function problemOf({ code, reason, next, path }: RejectedDelivery): Problem {
  return { status: STATUS[code] ?? 422, code, detail: reason, next, place: path };
}
