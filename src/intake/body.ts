import type { RejectedDelivery } from './delivery.js';
import { isObject, type Json } from './text.js';

type Rejection = Omit<RejectedDelivery, 'kind'>;
export type DecodedBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly rejection: Rejection };

/** Maximum number of wrappers. The worst known case is base64 of a JSON string that contains JSON. */
const MAXIMUM_WRAPS = 4;

/**
 * Removes the wrappers that queues and workflows add to JSON: bytes, a JSON string, base64, and the `{headers, body}`
 * pair of a workflow's complete trigger output.
 */
export function decodeBody(body: unknown, maximumCharacters: number): DecodedBody {
  let value = body;
  for (let wraps = 0; wraps <= MAXIMUM_WRAPS; wraps += 1) {
    const size = sizeOf(value, maximumCharacters);
    if (size === 'too large') return failed(tooLarge(maximumCharacters));
    if (size === 'too deep') return failed(TOO_DEEP);
    if (value instanceof Uint8Array) value = new TextDecoder().decode(value);
    else if (typeof value === 'string') {
      const parsed = parse(value);
      if (parsed === undefined) return failed(MALFORMED);
      value = parsed.value;
    } else if (isWorkflowOutput(value)) value = value.body;
    else return { ok: true, value };
  }
  return failed(MALFORMED);
}

const MALFORMED: Rejection = {
  code: 'malformed-json',
  reason: 'The body is neither JSON nor base64-encoded JSON.',
  next: 'Send the incident as JSON text in UTF-8.',
  path: '',
};

/** Sentinel nests its bodies 8 levels deep. Thousands of levels would overflow the stack of recursive code. */
const MAXIMUM_DEPTH = 64;
const TOO_DEEP: Rejection = {
  code: 'too-deep',
  reason: `The body is nested more than ${MAXIMUM_DEPTH} levels deep.`,
  next: 'Send the incident as Sentinel returns it.',
  path: '',
};

function tooLarge(maximum: number): Rejection {
  return {
    code: 'too-large',
    reason: `The body is larger than ${maximum.toLocaleString('en-GB')} characters.`,
    next: 'Send the incident without its alerts and entities: they are read back from Sentinel.',
    path: '',
  };
}

const failed = (rejection: Rejection): DecodedBody => ({ ok: false, rejection });

function parse(text: string): { value: unknown } | undefined {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  return parseJson(trimmed) ?? (isBase64(trimmed) ? parseJson(fromBase64(trimmed)) : undefined);
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function isBase64(text: string): boolean {
  return text.length >= 8 && text.length % 4 === 0 && /^[A-Za-z0-9+/\s]+={0,2}$/.test(text);
}

function fromBase64(text: string): string {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes).replace(/^\ufeff/, '');
  } catch {
    return '';
  }
}

function isWorkflowOutput(value: unknown): value is Json {
  return isObject(value) && isObject(value.headers) && Object.hasOwn(value, 'body');
}

/** Stops counting at the limits: a huge or circular value costs no more than the largest allowed one. */
function sizeOf(value: unknown, maximum: number): 'fits' | 'too large' | 'too deep' {
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
