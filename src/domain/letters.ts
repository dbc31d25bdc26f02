/** Letters of ids and names, which services compare by rules of their own. */

/**
 * Lower case, sign by sign: one of ASCII stays one, and no other becomes one. The Kelvin sign (U+212A) is a `k` in
 * JavaScript's lower case, and another sign for ARM, Entra and DNS: a name with it is another name.
 */
export function lowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : Array.from(text, lowered).join('');
}

function lowered(sign: string): string {
  const lower = sign.toLowerCase();
  return isAscii(lower) === isAscii(sign) && lower.length === sign.length ? lower : sign;
}

/**
 * Whether it has one form only, however it is compared: no sign of it turns into one of ASCII in another case, no two
 * are written as one elsewhere, and it is whole (no half of a character stands alone).
 */
export function hasOneForm(text: string): boolean {
  if (isAscii(text)) return true;
  return (
    wellFormed(text) === text && text.normalize('NFKC') === text && !Array.from(text).some(isAsciiElsewhere)
  );
}

function isAsciiElsewhere(sign: string): boolean {
  const upper = sign.toUpperCase();
  // A sharp s is two letters in upper case; nothing compares by that.
  return !isAscii(sign) && (sign.toLowerCase() !== lowerCase(sign) || (upper.length === 1 && isAscii(upper)));
}

/** The text with U+FFFD for each half of a character that stands alone: with it the text is no UTF-8, and URLs throw. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
