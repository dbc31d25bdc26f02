/** Only a message that a channel of the responder signed for exactly this instance counts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyIdOf, signMessage, verifyMessage } from '../../src/approvals/index.ts';
import { decisionOf, INSTANCE, iso, NOW } from './contoso.ts';

const KEY = 'a key that only the responder has, for tests';
const OLD = 'the key before that one, for tests as well';
const unsigned = {
  kind: 'decision' as const,
  instanceId: INSTANCE,
  sequence: `${iso(NOW)} d-1`,
  decision: decisionOf(),
};
const signed = signMessage(unsigned, [KEY]);

describe('a signed message', () => {
  it('verifies, also after a JSON round trip', () => {
    expect(verifyMessage(JSON.parse(JSON.stringify(signed)), INSTANCE, [KEY])).toEqual(signed);
  });

  it('verifies during a key rotation', () => {
    const before = signMessage(unsigned, [OLD]);
    expect(verifyMessage(before, INSTANCE, [KEY, OLD])).toEqual(before);
    expect(verifyMessage(before, INSTANCE, [KEY])).toBeUndefined();
  });

  it('does not reveal its key', () => {
    expect(JSON.stringify(signed)).not.toContain(KEY);
    expect(keyIdOf(KEY)).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each<[string, unknown]>([
    ['without a signature', unsigned],
    ['with an empty one', { ...signed, signature: { ...signed.signature, mac: '' } }],
    ['of another key', signMessage(unsigned, ['somebody else'])],
    ['that names our key', { ...signed, signature: { keyId: keyIdOf(KEY), mac: '0'.repeat(64) } }],
    ['for more steps', { ...signed, decision: decisionOf({ steps: ['wipe:host:1'] }) }],
    ['by somebody else', { ...signed, decision: decisionOf({ by: { ...decisionOf().by, name: 'Eve' } }) }],
    ['at another time', { ...signed, decision: decisionOf({ at: iso(NOW - 1) }) }],
    ['that is no message', 'approve'],
    ['that is nothing', null],
  ])('is refused %s', (_what, message) => {
    expect(verifyMessage(message, INSTANCE, [KEY])).toBeUndefined();
  });

  it('is refused by another instance, and without a key', () => {
    expect(verifyMessage(signed, `incident-${'1'.repeat(40)}`, [KEY])).toBeUndefined();
    expect(verifyMessage(signed, INSTANCE, [])).toBeUndefined();
  });

  it('is refused for any other value', () => {
    fc.assert(
      fc.property(fc.anything(), (raised) => {
        expect(verifyMessage(raised, INSTANCE, [KEY])).toBeUndefined();
      }),
    );
  });
});
