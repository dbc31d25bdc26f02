/**
 * A number that was counted, or the least that it may be. Of an answer that is not complete nothing can be said where
 * nothing was counted: none is not zero.
 */
export function counted(number: number, complete: boolean): number | undefined {
  return complete || number > 0 ? number : undefined;
}

/** The same of a list. */
export function listed(texts: readonly string[], complete: boolean): string[] | undefined {
  return complete || texts.length > 0 ? [...texts] : undefined;
}
