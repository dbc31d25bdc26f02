/**
 * A count, or its lower bound if the answer is incomplete. Undefined if an incomplete answer contains none: that does not
 * mean zero.
 */
export function knownCount(number: number, complete: boolean): number | undefined {
  return complete || number > 0 ? number : undefined;
}

/** The same for a list. */
export function knownItems(texts: readonly string[], complete: boolean): string[] | undefined {
  return complete || texts.length > 0 ? [...texts] : undefined;
}
