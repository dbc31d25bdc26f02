/** Ids that look random but are derived from their object, so the same run gives the same responses. */
import { createHash } from 'node:crypto';

/** A GUID that is derived from the parts. */
export function guidOf(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An etag as Sentinel forms them, with its own quotation marks; the last group starts with the second of the write. */
export function etagOf(now: number, ...parts: readonly string[]): string {
  const version = createHash('sha256')
    .update(JSON.stringify([now, ...parts]))
    .digest('hex');
  const second = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return `"${version.slice(0, 8)}-0000-0d00-0000-${second}0000"`;
}
