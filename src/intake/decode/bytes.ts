/** Bytes as text: UTF-8, or UTF-16 with or without a byte order mark. */

/** Bytes in any form in which a host or a JSON serialiser delivers them; undefined: not bytes. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return isWrittenBuffer(value) ? Uint8Array.from(value.data) : undefined;
}

/** What `JSON.stringify` makes of a Node.js Buffer. */
function isWrittenBuffer(value: unknown): value is { readonly data: readonly number[] } {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('data' in value)) return false;
  return (
    value.type === 'Buffer' &&
    Array.isArray(value.data) &&
    value.data.every((byte: unknown) => Number.isInteger(byte))
  );
}

/** The text of bytes. Invalid sequences become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return withoutMark(new TextDecoder(encodingOf(bytes)).decode(bytes));
}

/** JSON begins with an ASCII character: one byte of zero beside it means UTF-16. */
function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0 && second !== 0 && second !== undefined) return 'utf-16be';
  return first !== 0 && second === 0 ? 'utf-16le' : 'utf-8';
}

/**
 * The text of UTF-16 that a host read as UTF-8: each ASCII character has a zero beside it, and the byte order mark became
 * two U+FFFD. Characters beyond ASCII are lost. Any other text is returned unchanged.
 */
export function withoutZeros(text: string): string {
  const start = /^\ufffd{0,2}/.exec(text)?.[0].length ?? 0;
  const isUtf16 = text.charCodeAt(start) === 0 || text.charCodeAt(start + 1) === 0;
  return isUtf16 ? text.slice(start).replaceAll('\0', '') : text;
}

export const withoutMark = (text: string) => text.replace(/^\ufeff/, '');
