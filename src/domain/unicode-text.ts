/** Letter case and Unicode forms of ids and names, which each service compares by its own rules. */

/**
 * Lower case, character by character: ASCII stays ASCII, and no other character becomes ASCII. JavaScript lower-cases
 * the Kelvin sign (U+212A) to `k`, but ARM, Entra and DNS treat it as a different character.
 */
export function lowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : Array.from(text, lowered).join('');
}

function lowered(sign: string): string {
  const lower = sign.toLowerCase();
  return isAscii(lower) === isAscii(sign) && lower.length === sign.length ? lower : sign;
}

/**
 * True if every service compares the text in the same way: no character becomes ASCII in another letter case, NFKC
 * does not change the text, and it has no lone surrogate.
 */
export function hasOneForm(text: string): boolean {
  if (isAscii(text)) return true;
  return (
    wellFormed(text) === text && text.normalize('NFKC') === text && !Array.from(text).some(isAsciiElsewhere)
  );
}

function isAsciiElsewhere(sign: string): boolean {
  const upper = sign.toUpperCase();
  // A sharp s becomes two letters in upper case; no service compares that way.
  return !isAscii(sign) && (sign.toLowerCase() !== lowerCase(sign) || (upper.length === 1 && isAscii(upper)));
}

/** Replaces lone surrogates with U+FFFD: they cannot be encoded as UTF-8, and URL functions throw on them. */
export function wellFormed(text: string): string {
  return isAscii(text) ? text : text.replace(/\p{Cs}/gu, '\ufffd');
}

/** A loop, because the intake reads many short texts, for which a regular expression takes longer. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
