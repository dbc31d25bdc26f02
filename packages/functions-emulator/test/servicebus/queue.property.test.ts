import fc from 'fast-check';
import rhea from 'rhea';
import { expect, test } from 'vitest';
import { splitMessage } from '../../src/servicebus/message-codec.js';
import { type BrokerMessage, createMessageStore } from '../../src/servicebus/message-store.js';
import { Queue } from '../../src/servicebus/queue.js';
import type { Consumer, Lock, QueueSettings } from '../../src/servicebus/queue-types.js';
import { openStore } from '../../src/store/store.js';
import { ManualClock } from './manual-clock.js';

const SETTINGS: QueueSettings = { maxDeliveryCount: 3, lockDurationMs: 30_000 };
const sections = splitMessage(
  rhea.message.encode({ message_id: 'm', body: rhea.message.data_section(Buffer.from('x')) }) as never,
);

/** A receiver with a limited number of locked messages. */
class Hand implements Consumer {
  readonly mode = 'peekLock';
  readonly locks: Lock[] = [];
  readonly deliveries: BrokerMessage[] = [];
  constructor(readonly limit: number) {}
  hasCredit = (): boolean => this.locks.length < this.limit;
  reserve = (): void => undefined;
  deliver(message: BrokerMessage, lock: Lock | undefined): void {
    this.deliveries.push(message);
    if (lock !== undefined) this.locks.push(lock);
  }
}

type Step =
  | { readonly do: 'send' | 'restart' }
  | { readonly do: 'complete' | 'abandon' | 'dead-letter' | 'renew'; readonly hand: number }
  | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'send' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('complete', 'abandon', 'dead-letter', 'renew'),
      hand: fc.nat(1),
    }) as fc.Arbitrary<Step>,
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40_000) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) },
);

test('in any sequence of operations each message is in one place, is locked by one receiver, and is delivered at most 3 times', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new ManualClock();
      const database = openStore(undefined, undefined, () => undefined);
      const store = createMessageStore(database);
      const failures: unknown[] = [];
      const context = { clock, store, onFailure: (error: unknown) => failures.push(error) };
      const open = (): Queue =>
        new Queue('q', SETTINGS, context, new Queue('q/dead', SETTINGS, context, undefined));
      let queue = open();
      let hands = [new Hand(2), new Hand(1)];
      for (const hand of hands) queue.addConsumer(hand);
      const sent: number[] = [];
      const completed = new Set<number>();
      const deliveries = new Map<number, number>();

      for (const { do: what, ...how } of steps) {
        if (what === 'send') {
          const prepared = queue.prepare({
            sections,
            messageId: 'm',
            timeToLive: undefined,
            scheduledFor: undefined,
          });
          await store.commit(prepared.changes);
          prepared.makeVisible();
          sent.push(prepared.sequence);
        } else if (what === 'wait') {
          clock.advance((how as { ms: number }).ms);
          await store.commit([]);
          await store.commit([]);
        } else if (what === 'restart') {
          for (const hand of hands) queue.removeConsumer(hand);
          queue.stop();
          // Locks are on disk: an interrupted delivery counts, or a poison message would be redelivered forever.
          await store.commit([]);
          queue = open();
          await store.commit([]);
          await store.commit([]);
          hands = [new Hand(2), new Hand(1)];
          for (const hand of hands) queue.addConsumer(hand);
        } else {
          const lock = hands[(how as { hand: number }).hand]?.locks.shift();
          if (lock === undefined) continue;
          const settled = await settle(queue, lock, what).catch((error: Error) => error);
          if (settled instanceof Error) expect(settled.message).toContain('lock');
          else if (what === 'complete') completed.add(lock.message.sequence);
          else if (what === 'renew') hands[(how as { hand: number }).hand]?.locks.push(lock);
          queue.pump();
        }
        for (const hand of hands) {
          for (const { sequence } of hand.deliveries.splice(0)) {
            expect(completed).not.toContain(sequence);
            deliveries.set(sequence, (deliveries.get(sequence) ?? 0) + 1);
          }
        }
        const held = hands.flatMap(({ locks }) => locks.filter(({ until }) => until > clock.now()));
        const live = held.map(({ message }) => message.sequence);
        expect(new Set(live).size).toBe(live.length);
        const there = [...queue.peek(0, 1_000), ...(queue.deadLetters?.peek(0, 1_000) ?? [])];
        const numbers = [...there.map(({ sequence }) => sequence), ...completed].sort((a, b) => a - b);
        expect(numbers).toEqual(sent);
      }
      expect(Math.max(0, ...deliveries.values())).toBeLessThanOrEqual(SETTINGS.maxDeliveryCount);
      expect(failures).toEqual([]);
      queue.stop();
      expect(clock.waits).toEqual([]);
      await database.close();
    }),
    { numRuns: 150 },
  );
});

async function settle(queue: Queue, lock: Lock, what: string): Promise<void> {
  if (what === 'renew') queue.renew(lock.token);
  else if (what === 'complete') await queue.settle(lock.token, { kind: 'complete' });
  else if (what === 'dead-letter') {
    await queue.settle(lock.token, {
      kind: 'dead-letter',
      reason: 'r',
      description: undefined,
      properties: {},
    });
  } else await queue.settle(lock.token, { kind: 'abandon', properties: {} });
}
