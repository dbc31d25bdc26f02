/** Throttling: counts the calls of each family in its windows, and refuses what is too much, as the services do. */
import { ServiceError } from './errors.js';
import type { QuotaUse } from './types.js';

/** At most so many calls in any period of that length. */
export interface SlidingWindow {
  readonly kind: 'window';
  readonly calls: number;
  readonly seconds: number;
}
/** Tokens that are refilled each second, up to a capacity. */
export interface TokenBucket {
  readonly kind: 'bucket';
  readonly capacity: number;
  readonly perSecond: number;
}

/** A throttling family of a service. */
export interface Quota {
  readonly family: string;
  readonly host: string;
  readonly methods: readonly string[];
  /** Tested against the path without the query. */
  readonly path: RegExp;
  readonly limits: readonly (SlidingWindow | TokenBucket)[];
  /** Headers and text of its 429. `afterSeconds`: until the next call would be accepted, rounded up. */
  readonly refusal: (afterSeconds: number) => {
    readonly message: string;
    readonly code?: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

interface Family {
  readonly quota: Quota;
  /** When the accepted calls of the longest window came. Milliseconds since the epoch, in order. */
  accepted: number[];
  readonly buckets: Map<TokenBucket, { tokens: number; at: number }>;
  /** Until when a 429 asked the caller to wait. */
  pausedUntil: number;
  calls: number;
  throttled: number;
  avoidable: number;
}

export interface Quotas {
  /** Counts a call. @throws ServiceError 429 if its family is used up, and quotas are enforced. */
  count(method: string, host: string, path: string, now: number): void;
  /** A call of the family was answered with a 429 that a test injected. */
  refused(method: string, host: string, path: string, now: number, afterSeconds: number | undefined): void;
  use(): readonly QuotaUse[];
  enforce(): void;
}

export function createQuotas(declared: readonly Quota[]): Quotas {
  let enforced = false;
  const families = declared.map(
    (quota): Family => ({
      quota,
      accepted: [],
      buckets: new Map(),
      pausedUntil: 0,
      calls: 0,
      throttled: 0,
      avoidable: 0,
    }),
  );
  const familyOf = (method: string, host: string, path: string) =>
    families.find(
      ({ quota }) => quota.host === host && quota.methods.includes(method) && quota.path.test(path),
    );
  return {
    count(method, host, path, now) {
      const family = familyOf(method, host, path);
      if (family === undefined) return;
      family.calls += 1;
      const waitMs = enforced ? msUntilAccepted(family, now) : 0;
      if (waitMs === 0) {
        accept(family, now);
        return;
      }
      family.throttled += 1;
      family.avoidable += 1;
      const afterSeconds = Math.ceil(waitMs / 1_000);
      const { code = '', message, headers } = family.quota.refusal(afterSeconds);
      if (headers['Retry-After'] !== undefined) family.pausedUntil = now + afterSeconds * 1_000;
      throw new ServiceError(429, code, message, headers);
    },
    refused(method, host, path, now, afterSeconds) {
      const family = familyOf(method, host, path);
      if (family === undefined) return;
      family.calls += 1;
      family.throttled += 1;
      if (now < family.pausedUntil) family.avoidable += 1;
      if (afterSeconds !== undefined) family.pausedUntil = now + afterSeconds * 1_000;
    },
    enforce: () => {
      enforced = true;
    },
    use: () =>
      families.map(({ quota: { family }, calls, throttled, avoidable }) => ({
        family,
        calls,
        throttled,
        avoidable,
      })),
  };
}

/** 0: it is accepted now. */
function msUntilAccepted(family: Family, now: number): number {
  const waits = family.quota.limits.map((limit) => {
    if (limit.kind === 'bucket') {
      const { tokens } = filled(family, limit, now);
      return tokens >= 1 ? 0 : ((1 - tokens) / limit.perSecond) * 1_000;
    }
    // With the oldest of the last so many calls, one leaves the window.
    const oldest = family.accepted.at(-limit.calls);
    return oldest === undefined ? 0 : oldest + limit.seconds * 1_000 - now;
  });
  return Math.max(0, ...waits);
}

function accept(family: Family, now: number): void {
  family.accepted.push(now);
  const windows = family.quota.limits.flatMap((limit) => (limit.kind === 'window' ? [limit.calls] : []));
  const most = Math.max(0, ...windows);
  if (family.accepted.length > 2 * most) family.accepted = family.accepted.slice(-most);
  for (const limit of family.quota.limits) {
    if (limit.kind !== 'bucket') continue;
    const { tokens } = filled(family, limit, now);
    family.buckets.set(limit, { tokens: tokens - 1, at: now });
  }
}

function filled({ buckets }: Family, limit: TokenBucket, now: number): { tokens: number } {
  const { tokens, at } = buckets.get(limit) ?? { tokens: limit.capacity, at: now };
  return { tokens: Math.min(limit.capacity, tokens + ((now - at) / 1_000) * limit.perSecond) };
}
