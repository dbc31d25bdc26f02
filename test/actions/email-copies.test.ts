/** Where copies are does not depend on the order of the rows, or on rows that come twice. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type EmailRow, emailOf, emailRowSchema, isInMailbox } from '../../src/actions/xdr/emails/copies.js';

const minute = (at: number) => `2026-03-10T08:${String(at).padStart(2, '0')}:00Z`;
const row = fc
  .record({
    Source: fc.constantFrom('EmailEvents', 'EmailPostDeliveryEvents'),
    Timestamp: fc.integer({ min: 0, max: 4 }).map(minute),
    NetworkMessageId: fc.constant('00000000-0000-4000-8000-00000000f001'),
    RecipientEmailAddress: fc.constantFrom('dana@contoso.com', 'Dana@contoso.com', 'lee@contoso.com'),
    DeliveryLocation: fc.constantFrom('Inbox/folder', 'Junk', 'Quarantine', 'Deleted items', 'Archive', null),
    LatestDeliveryLocation: fc.constantFrom('Inbox/folder', 'Quarantine', ''),
    Action: fc.constantFrom('Soft delete', 'Hard delete', 'Moved to inbox', 'Something new'),
    ActionResult: fc.constantFrom('Success', 'Error'),
  })
  .map((one): EmailRow => emailRowSchema.parse(one));

it('is the same for any order of rows, and for rows that come twice', () => {
  const rows = fc.array(row, { maxLength: 8 });
  const shuffled = rows.chain((some) =>
    fc.tuple(fc.constant(some), fc.shuffledSubarray([...some, ...some], { minLength: some.length * 2 })),
  );
  fc.assert(
    fc.property(shuffled, ([some, twice]) => {
      expect(emailOf(twice)).toEqual(emailOf(some));
    }),
    { seed: 41, numRuns: 300 },
  );
});

it('is a removal only after an action that succeeded', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const email = emailOf(rows.map((one) => ({ ...one, ActionResult: 'Error' }) as EmailRow));
      expect(email?.copies.filter((copy) => copy.place.endsWith('-deleted')) ?? []).toEqual([]);
    }),
    { seed: 41, numRuns: 300 },
  );
});

it('is in the mailbox if the location or the action is not a known one', () => {
  const given = { Timestamp: minute(1), NetworkMessageId: 'm', RecipientEmailAddress: 'dana@contoso.com' };
  const delivered = { ...given, Source: 'EmailEvents', DeliveryLocation: 'Inbox/folder' };
  const moved = {
    ...given,
    Source: 'EmailPostDeliveryEvents',
    Action: 'Something new',
    ActionResult: 'Success',
  };
  const email = emailOf(
    [delivered, { ...moved, Timestamp: minute(2) }].map((one) => emailRowSchema.parse(one)),
  );
  expect(email?.copies.every(isInMailbox)).toBe(true);
});
