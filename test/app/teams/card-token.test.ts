import { expect, it } from 'vitest';
import { type CardPlace, cardToken, checkCardToken } from '../../../src/app/teams/card-token.js';

const key = { id: 'k1', secret: 'a secret of the tests' };
const request = { id: 'a-request', planHash: 'h', stepIds: ['s1'], expiresAt: '2026-03-10T12:12:00.000Z' };
const place = { tenantId: 'a-tenant', channelId: '19:a-channel' };
const NOW = Date.parse('2026-03-10T08:12:00Z');
const check = (at: CardPlace) =>
  checkCardToken(
    cardToken({ ...request, revision: 1 }, place, key),
    { request, revision: 1, place: at },
    [key],
    NOW,
  );

it('the token of a card is good in its channel, for the bot of its tenant', () => {
  expect(check(place)).toBeUndefined();
  expect(check({ ...place, channelId: '19:another' })).toBe('forged');
  expect(check({ ...place, tenantId: 'another' })).toBe('forged');
});
