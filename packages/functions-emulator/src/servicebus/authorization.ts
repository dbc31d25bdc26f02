/**
 * Shared access signatures, as a client shows them to the `$cbs` node of a connection.
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { trimSlashes } from '../trim-slashes.js';
import type { Clock } from '../types.js';
import { unauthorized } from './broker-errors.js';

export interface AccessKey {
  readonly name: string;
  readonly value: string;
}

/** What one connection may use: paths that it has shown a valid signature for. */
export class Claims {
  readonly #paths = new Set<string>();

  constructor(
    private readonly key: AccessKey,
    private readonly clock: Clock,
  ) {}

  /** @throws BrokerError when the token is not a valid signature. */
  add(token: unknown, tokenType: unknown): void {
    if (tokenType !== 'servicebus.windows.net:sastoken' || typeof token !== 'string') {
      throw unauthorized(
        'The embedded broker accepts only shared access signatures: use its connection string.',
      );
    }
    const parts = new Map(
      token
        .replace(/^SharedAccessSignature /, '')
        .split('&')
        .map((part) => {
          const place = part.indexOf('=');
          return [part.slice(0, place), part.slice(place + 1)] as const;
        }),
    );
    const [resource, expiry] = [parts.get('sr') ?? '', parts.get('se') ?? ''];
    const given = Buffer.from(decodeURIComponent(parts.get('sig') ?? ''), 'base64');
    const expected = createHmac('sha256', this.key.value).update(`${resource}\n${expiry}`).digest();
    const keyName = decodeURIComponent(parts.get('skn') ?? '');
    if (keyName !== this.key.name || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw unauthorized('The shared access signature is not valid. Check the key and its name.');
    }
    // Clients compute the expiry from the system's time, which is unrelated to a virtual clock.
    if (this.clock.kind === 'wall' && !(Number(expiry) * 1000 > this.clock.now())) {
      throw unauthorized('The shared access signature has expired.');
    }
    this.#paths.add(pathOf(decodeURIComponent(resource)));
  }

  /** @throws BrokerError if no valid token covers the path. */
  check(path: string): void {
    const wanted = path.toLowerCase();
    for (const path of this.#paths)
      if (path === '' || wanted === path || wanted.startsWith(`${path}/`)) return;
    throw unauthorized(`No valid token was put for '${path}'.`);
  }
}

const pathOf = (audience: string): string =>
  trimSlashes(audience.replace(/^[a-z]+:\/\/[^/]*/i, '')).toLowerCase();
