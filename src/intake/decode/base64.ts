/** Base64 with any line breaks, in the alphabet of URLs too, with or without padding. */

const ALPHABET = /^[A-Za-z0-9+/_-]+={0,2}$/;
const SHORTEST = 8;

/** The bytes of a text in base64; undefined: it is not base64. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s/g, '');
  if (compact.length < SHORTEST || !ALPHABET.test(compact)) return undefined;
  const standard = compact.replace(/=/g, '').replaceAll('-', '+').replaceAll('_', '/');
  try {
    return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
