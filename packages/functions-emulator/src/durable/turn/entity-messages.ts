/** The messages between orchestrations and entities. */
import { createHash } from 'node:crypto';

const NAMESPACE = 'Microsoft.Azure.WebJobs.Extensions.DurableTask';
const typed = (name: string): string => `${NAMESPACE}.${name}, ${NAMESPACE}`;

export interface RequestMessage {
  readonly $type?: string;
  readonly op: string | null;
  readonly signal?: boolean;
  /** JSON text. */
  readonly input?: string;
  readonly id: string;
  readonly parent?: string;
  readonly parentExecution?: string;
  /** Delivery time, if later. */
  readonly due?: string;
  readonly Timestamp?: string;
  readonly Predecessor?: string;
  readonly lockset?: readonly { readonly $type?: string; readonly name: string; readonly key: string }[];
  readonly pos?: number;
  readonly requestTime?: string;
}

export interface ReleaseMessage {
  readonly parent: string;
  readonly id: string;
}

export const requestText = (message: RequestMessage): string =>
  JSON.stringify({ $type: typed('RequestMessage'), ...message });

export const releaseText = (parent: string, id: string): string =>
  JSON.stringify({ $type: typed('ReleaseMessage'), parent, id });

export const responseText = (result: string | null, failed: boolean): string =>
  JSON.stringify({ $type: typed('ResponseMessage'), result, ...(failed ? { exceptionType: 'Error' } : {}) });

export const lockSet = (
  entities: readonly { readonly name: string; readonly key: string }[],
): RequestMessage['lockset'] =>
  entities.map(({ name, key }) => ({ $type: typed('EntityId'), name: name.toLowerCase(), key }));

/** The instance that keeps an entity. Names do not care about case, keys do. */
export const entityInstanceId = (name: string, key: string): string => `@${name.toLowerCase()}@${key}`;

export function parseEntityId(
  instanceId: string,
): { readonly name: string; readonly key: string } | undefined {
  if (!instanceId.startsWith('@')) return undefined;
  const second = instanceId.indexOf('@', 1);
  return second < 0 ? undefined : { name: instanceId.slice(1, second), key: instanceId.slice(second + 1) };
}

/** "No predecessor", as .NET writes the least of its dates. */
export const NO_PREDECESSOR = '0001-01-01T00:00:00';

/** Dates of messages: seven digits after the second, so that they sort as text and one tick can be added. */
export const ticks = (at: number): string => `${new Date(at).toISOString().slice(0, -1)}0000Z`;

export function afterTick(stamp: string): string {
  const digits = Number(stamp.slice(20, 27)) + 1;
  if (digits < 10_000_000) return `${stamp.slice(0, 20)}${String(digits).padStart(7, '0')}Z`;
  return ticks(Date.parse(`${stamp.slice(0, 19)}Z`) + 1000);
}

/**
 * Labels each message of one sender with the time and with the previous message to the same receiver, by which the
 * receiver puts them in order and drops duplicates.
 */
export class SendLabels {
  readonly #last: Map<string, string>;

  constructor(last: Readonly<Record<string, string>> = {}) {
    this.#last = new Map(Object.entries(last));
  }

  next(receiver: string, now: number): { readonly Timestamp: string; readonly Predecessor: string } {
    const key = receiver.toLowerCase();
    const before = this.#last.get(key);
    let stamp = ticks(now);
    if (before !== undefined && stamp <= before) stamp = afterTick(before);
    this.#last.set(key, stamp);
    return { Timestamp: stamp, Predecessor: before ?? NO_PREDECESSOR };
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this.#last);
  }
}

/** A GUID that is the same in every replay: version 5 of RFC 4122 over the given name. */
export function guidOf(name: string): string {
  const hash = createHash('sha1').update('9e952958-5e33-4daf-827f-2fa12937b875').update(name).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
