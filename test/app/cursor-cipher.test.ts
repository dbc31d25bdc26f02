/** A cursor gives back its text, and nothing else: the host's continuation token can name an instance of another tenant. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decryptCursor, encryptCursor } from '../../src/app/http/cursor-cipher.js';

const SECRET = 'a made-up secret of the test';
const token = fc.stringMatching(/^incident-[\da-f]{40}$/);

it('hides the text of a cursor, and takes only cursors that it made and that were not changed', () => {
  fc.assert(
    fc.property(token, fc.nat(), (text, at) => {
      const cursor = encryptCursor(text, SECRET);
      expect(decryptCursor(cursor, SECRET)).toBe(text);
      expect(encryptCursor(text, SECRET)).not.toBe(cursor);
      expect(() => decryptCursor(cursor, `${SECRET}.`)).toThrow();
      const bytes = Buffer.from(cursor, 'base64url');
      expect(bytes.includes(text)).toBe(false);
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ 1;
      expect(() => decryptCursor(bytes.toString('base64url'), SECRET)).toThrow();
      expect(() => decryptCursor(bytes.subarray(0, index).toString('base64url'), SECRET)).toThrow();
    }),
  );
});
