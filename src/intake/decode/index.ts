/** Removes everything around incidents in a body: bytes, text, wrappers and lists. */
import type { RejectedDelivery } from '../delivery.js';
import { bytesOf, decodeText } from './bytes.js';
import { listIn, unwrap } from './envelope.js';
import { parseText } from './json-text.js';
import { MAXIMUM_DEPTH, sizeOf } from './size.js';

/** One thing in a body: its value, and why it cannot be read. `path`: its place in the body; empty: the whole body. */
export type Item = {
  readonly path: string;
  /** The sender's id of the event that contains it. */
  readonly deliveryKey?: string | undefined;
  readonly value: unknown;
  readonly rejection?: Rejection;
};
export type Items = readonly [Item, ...Item[]];
type Rejection = Pick<RejectedDelivery, 'code' | 'reason' | 'next'>;

/** Maximum number of wrappers. The worst known case is base64 of a JSON string that contains JSON, in an event in a list. */
const MAXIMUM_WRAPS = 6;
/** Event Grid's limit for the events of one batch. */
export const MAXIMUM_ITEMS = 5_000;

/** Never throws. A list gives one item for each of its elements, in the same order. */
export function itemsOf(body: unknown, maximumCharacters: number): Items {
  const opener = new Opener(maximumCharacters);
  opener.open({ value: body, path: '', wraps: 0, deliveryKey: undefined });
  const [first, ...more] = opener.items;
  if (first === undefined || opener.items.length > MAXIMUM_ITEMS)
    return [{ path: '', value: body, rejection: TOO_MANY }];
  return [first, ...more];
}

interface Wrapped {
  readonly value: unknown;
  readonly path: string;
  readonly wraps: number;
  readonly deliveryKey: string | undefined;
}

class Opener {
  readonly items: Item[] = [];

  constructor(private readonly maximum: number) {}

  /** Opens one wrapper, and all in it. */
  open(wrapped: Wrapped): void {
    const { value, path, wraps, deliveryKey } = wrapped;
    const fault = wraps > MAXIMUM_WRAPS ? WRAPPED : this.#faultOf(value, wraps);
    const bytes = fault === undefined ? bytesOf(value) : undefined;
    const text = bytes === undefined ? value : decodeText(bytes);
    if (fault !== undefined) this.items.push({ path, deliveryKey, value, rejection: fault });
    else if (typeof text === 'string') this.#text(text, wrapped);
    else this.#content(wrapped);
  }

  /** Wrappers and lists were measured with what contains them. */
  #faultOf(value: unknown, wraps: number): Rejection | undefined {
    if (wraps > 0 && typeof value !== 'string') return undefined;
    const size = sizeOf(value, this.maximum);
    if (size === 'fits') return undefined;
    return size === 'too deep' ? TOO_DEEP : tooLarge(this.maximum);
  }

  #text(text: string, { value, path, wraps, deliveryKey }: Wrapped): void {
    const parsed = parseText(text);
    if (parsed === undefined) this.items.push({ path, deliveryKey, value, rejection: MALFORMED });
    else if (sizeOf(parsed.value, Number.POSITIVE_INFINITY) === 'too deep') {
      this.items.push({ path, deliveryKey, value, rejection: TOO_DEEP });
    } else this.open({ value: parsed.value, path, wraps: wraps + 1, deliveryKey });
  }

  #content({ value, path, wraps, deliveryKey }: Wrapped): void {
    const inside = unwrap(value);
    const list = inside === undefined ? listIn(value) : undefined;
    if (inside !== undefined) {
      const key = inside.deliveryKey ?? deliveryKey;
      const at = joined(path, inside.path);
      this.open({ value: inside.value, path: at, wraps: wraps + 1, deliveryKey: key });
    } else if (list === undefined) this.items.push({ path, deliveryKey, value });
    else if (list.items.length === 0) {
      this.items.push({ path: joined(path, list.path), deliveryKey, value, rejection: EMPTY_LIST });
    } else {
      for (const [i, item] of list.items.entries()) {
        if (this.items.length > MAXIMUM_ITEMS) break;
        const at = joined(path, `${list.path}[${i}]`);
        this.open({ value: item, path: at, wraps: wraps + 1, deliveryKey });
      }
    }
  }
}

/** `a` and `b` as `a.b`, `a` and `[0]` as `a[0]`. */
export function joined(path: string, more: string): string {
  if (path === '' || more === '') return path + more;
  return more.startsWith('[') ? path + more : `${path}.${more}`;
}

const MALFORMED: Rejection = {
  code: 'malformed-json',
  reason: 'The body is neither JSON nor base64-encoded JSON.',
  next: 'Send the incident as JSON text in UTF-8.',
};

const WRAPPED: Rejection = {
  code: 'malformed-json',
  reason: `The body is wrapped more than ${MAXIMUM_WRAPS} times.`,
  next: 'Send the incident as JSON text in UTF-8.',
};

const TOO_DEEP: Rejection = {
  code: 'too-deep',
  reason: `The body is nested more than ${MAXIMUM_DEPTH} levels deep.`,
  next: 'Send the incident as Sentinel returns it.',
};

function tooLarge(maximum: number): Rejection {
  return {
    code: 'too-large',
    reason: `The body is larger than ${maximum.toLocaleString('en-GB')} characters.`,
    next: 'Send the incident without its alerts and entities: they are read back from Sentinel.',
  };
}

const TOO_MANY: Rejection = {
  code: 'too-many-items',
  reason: `The body is a list of more than ${MAXIMUM_ITEMS.toLocaleString('en-GB')} items.`,
  next: 'Send the incidents in several smaller lists.',
};

const EMPTY_LIST: Rejection = {
  code: 'empty-list',
  reason: 'This is a list without items.',
  next: 'Send at least one incident.',
};
