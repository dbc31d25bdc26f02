import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ReceiveBuffer, receiveInOrder } from '../../src/durable/message-sorter.js';
import { type RequestMessage, SendLabels } from '../../src/durable/turn/entity-messages.js';

const BEGIN = Date.parse('2026-01-01T00:00:00Z');

/** Messages of one sender to one entity, a few milliseconds (or none) apart. */
function sent(gaps: readonly number[]): RequestMessage[] {
  const labels = new SendLabels();
  let now = BEGIN;
  return gaps.map((gap, index) => {
    now += gap;
    return {
      op: 'add',
      id: String(index),
      parent: 'sender',
      parentExecution: 'e',
      ...labels.next('@counter@a', now),
    };
  });
}

test('messages of one sender are delivered in order and once, however they arrive', () => {
  const arrivals = fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }).chain((gaps) =>
    fc.tuple(
      fc.constant(sent(gaps)),
      fc.shuffledSubarray(
        gaps.flatMap((_, index) => [index, index]),
        { minLength: gaps.length * 2 },
      ),
    ),
  );
  fc.assert(
    fc.property(arrivals, ([messages, order]) => {
      const senders: Record<string, ReceiveBuffer> = {};
      const delivered = order.flatMap((index) => receiveInOrder(senders, messages[index] as RequestMessage));
      expect(delivered.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
    }),
  );
});

test('a new execution of a sender is not mistaken for a duplicate', () => {
  const senders: Record<string, ReceiveBuffer> = {};
  const [first] = sent([0]);
  const again = { ...first, id: 'again', parentExecution: 'f' } as RequestMessage;
  expect(receiveInOrder(senders, first as RequestMessage)).toHaveLength(1);
  expect(receiveInOrder(senders, again)).toEqual([again]);
});

test('clients set no labels, and their messages pass as they arrive', () => {
  const message = { op: 'add', id: 'x' };
  expect(receiveInOrder({}, message)).toEqual([message]);
});
