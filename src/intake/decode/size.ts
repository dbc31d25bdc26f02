import { isObject } from '../text.js';

/** Sentinel nests its bodies 8 levels deep. Thousands of levels would overflow the stack of recursive code. */
export const MAXIMUM_DEPTH = 64;

/** Stops counting at the limits: a huge or circular value costs no more than the largest allowed one. */
export function sizeOf(value: unknown, maximum: number): 'fits' | 'too large' | 'too deep' {
  let left = maximum;
  const waiting: { readonly part: unknown; readonly depth: number }[] = [{ part: value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { part, depth } = next;
    if (depth > MAXIMUM_DEPTH) return 'too deep';
    if (typeof part === 'string') left -= part.length + 2;
    else if (part instanceof Uint8Array) left -= part.byteLength;
    else if (Array.isArray(part)) {
      left -= part.length + 2;
      if (left >= 0) for (const item of part) waiting.push({ part: item, depth: depth + 1 });
    } else if (isObject(part)) {
      for (const key of Object.keys(part)) {
        left -= key.length + 4;
        if (left < 0) break;
        waiting.push({ part: part[key], depth: depth + 1 });
      }
      left -= 2;
    } else left -= 5;
    if (left < 0) return 'too large';
  }
  return 'fits';
}
