/** The answer to a submitted body: what became of each of its items. */
import type { HttpResponseInit } from '@azure/functions';
import type { RejectedDelivery, RejectionCode } from '../../intake/index.js';
import type { Received } from '../deliveries.js';
import type { Intake } from '../intake.js';
import { json, type Problem, problem } from '../problem.js';

const STATUS: Partial<Record<RejectionCode, number>> = { 'too-large': 413, 'malformed-json': 400 };

/**
 * One item: its result, or the problem with it. Several: a list of results, with 202 if anything starts or changes, 422
 * if every item is rejected. @param kept ids of what was stored of the rejected items; undefined if nothing could be stored.
 */
export function intakeAnswer(
  received: readonly [Received, ...Received[]],
  kept: readonly string[] | undefined,
): HttpResponseInit {
  const [first, ...others] = received;
  if (others.length > 0) return json({ results: received.map(resultOf), kept }, statusOf(received));
  if (first.kind !== 'rejected') return json(resultOf(first), statusOf([first]));
  const { detail, ...rest } = problemOf(first);
  return problem({
    ...rest,
    detail: kept ? detail : `${detail} The body was not stored.`,
    ...(kept ? { kept } : {}),
  });
}

function statusOf(received: readonly Received[]): number {
  if (received.every(({ kind }) => kind === 'rejected')) return 422;
  return received.every(({ kind }) => kind === 'rejected' || kind === 'duplicate') ? 200 : 202;
}

export function resultOf(item: Intake | RejectedDelivery) {
  if (item.kind !== 'rejected') {
    const { kind: status, instanceId, incidentKey } = item;
    return { status, instanceId, incidentKey };
  }
  const { kind: status, code, reason, next, path: place } = item;
  return { status, code, reason, next, ...(place === '' ? {} : { place }) };
}

export function problemOf({ code, reason, next, path }: RejectedDelivery): Problem {
  return { status: STATUS[code] ?? 422, code, detail: reason, next, place: path };
}
