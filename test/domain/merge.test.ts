/** What a merged incident hands over: nothing that it has done is repeated by its target, through any chain of merges. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HandedOver } from '../../src/domain/handed-over.js';
import { doneOnceByMerge, settledByMerge, withHandedOver } from '../../src/domain/merge.js';

const effect = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  title: fc.constant('Isolate the device'),
  target: fc.constant('ws-1'),
  state: fc.constantFrom('in-force', 'under-way', 'done', 'ended'),
}) as fc.Arbitrary<HandedOver['effects'][number]>;
const handedOver: fc.Arbitrary<HandedOver> = fc.record({
  because: fc.constant('merged'),
  from: fc.record({
    instanceId: fc.constantFrom('incident-1', 'incident-2', 'incident-3'),
    generation: fc.integer({ min: 1, max: 3 }),
    key: fc.constant('key'),
  }),
  effects: fc.array(effect, { maxLength: 4 }),
  once: fc.array(fc.constantFrom('a', 'd', 'e'), { maxLength: 2 }),
  submitters: fc.constant([]),
});

it('counts once, however often and in whatever groups it arrives', () => {
  fc.assert(
    fc.property(fc.array(handedOver, { maxLength: 6 }), (all) => {
      const together = withHandedOver([], all);
      const oneByOne = all.reduce<HandedOver[]>((known, one) => withHandedOver(known, [one]), []);
      expect(new Set(oneByOne)).toEqual(new Set(together));
      expect(withHandedOver(together, together)).toEqual(together);
      const sources = together.map(({ from }) => from.instanceId);
      expect(new Set(sources).size).toBe(sources.length);
    }),
  );
});

it('keeps the newest run of each source, and settles what it has not ended', () => {
  fc.assert(
    fc.property(fc.array(handedOver, { minLength: 1, maxLength: 6 }), (all) => {
      const handedOverFrom = withHandedOver([], all);
      for (const { from } of all) {
        const kept = handedOverFrom.find((one) => one.from.instanceId === from.instanceId);
        expect(kept?.from.generation).toBeGreaterThanOrEqual(from.generation);
      }
      const settled = settledByMerge({ handedOverFrom });
      for (const { key, state } of handedOverFrom.flatMap(({ effects }) => effects))
        if (state !== 'ended') expect(settled).toContain(key);
      const once = doneOnceByMerge({ handedOverFrom });
      expect(once).toEqual(expect.arrayContaining(handedOverFrom.flatMap((one) => one.once ?? [])));
      expect(settled).toEqual(expect.arrayContaining(once));
    }),
  );
});
