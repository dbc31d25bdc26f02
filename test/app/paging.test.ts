/** A cursor gives back its place, and nothing else: the host's continuation token can name an instance of another tenant. */
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';

vi.stubEnv('APPROVALS_SIGNING_KEYS', 'a made-up key of the test that is long enough');
const { cursorOfPlace, placeOf } = await import('../../src/app/http/paging.js');

const place = fc.record({
  continuation: fc.stringMatching(/^incident-[\da-f]{40}$/),
  skip: fc.integer({ min: 0, max: 100 }),
});

it('encrypts the place of a page, and takes only cursors that were not changed', () => {
  fc.assert(
    fc.property(place, fc.nat(), (given, at) => {
      const cursor = cursorOfPlace(given);
      expect(placeOf(cursor)).toEqual(given);
      const bytes = Buffer.from(cursor, 'base64url');
      expect(bytes.includes(given.continuation)).toBe(false);
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ 1;
      expect(placeOf(bytes.toString('base64url'))).toBeUndefined();
      expect(placeOf(bytes.subarray(0, index).toString('base64url'))).toBeUndefined();
    }),
  );
});

it('begins at the start without a cursor', () => {
  expect(placeOf(undefined)).toEqual({ continuation: undefined, skip: 0 });
});
