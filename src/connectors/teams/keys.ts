/** The Bot Connector's signing keys. Unknown key ids do not cause more fetches. */
import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { importJWK, type JWK } from 'jose';
import { z } from 'zod';
import type { Clock } from '../config.js';
import type { TeamsCloud } from './cloud.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Microsoft requires a refresh at least once a day; older keys are not used. */
const OLDEST = 24 * HOUR;
const REFRESH_AFTER = 20 * HOUR;
/** Minimum time between two fetches, with and without keys. */
const PAUSE = 5 * MINUTE;
const PAUSE_WITHOUT_KEYS = 5_000;
const FETCH_MS = 5_000;

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySetSchema = z.object({
  keys: z.array(
    z.looseObject({
      kid: z.string().min(1),
      kty: z.string(),
      use: z.string().optional(),
      /** Channels that this key may speak for. */
      endorsements: z.array(z.string()).default([]),
    }),
  ),
});

export interface SigningKey {
  readonly key: Exclude<Awaited<ReturnType<typeof importJWK>>, Uint8Array>;
  readonly endorsements: readonly string[];
}
/** The metadata address of an issuer. */
export type KeyAuthority = Pick<TeamsCloud, 'issuer' | 'metadataUrl'>;
/** A key, or the reason why there is none. */
export type FoundKey = SigningKey | 'unknown-key' | 'keys-unavailable';

export interface SigningKeys {
  find(keyId: string): Promise<FoundKey>;
}

/** @param httpClient the shared transport. */
export function createSigningKeys(cloud: KeyAuthority, httpClient: HttpClient, clock: Clock): SigningKeys {
  let keys: ReadonlyMap<string, SigningKey> | undefined;
  let fetchedAt = 0;
  let lastAttemptAt: number | undefined;
  let inFlight: Promise<void> | undefined;

  const fetchKeys = async (): Promise<void> => {
    try {
      keys = await readKeys(cloud, httpClient);
      fetchedAt = clock.now();
    } catch {
      // Keys from an earlier fetch stay valid for a day; without any, every token is refused.
    } finally {
      inFlight = undefined;
    }
  };
  const refresh = async (): Promise<void> => {
    const pause = keys === undefined ? PAUSE_WITHOUT_KEYS : PAUSE;
    if (inFlight === undefined && lastAttemptAt !== undefined && clock.now() - lastAttemptAt < pause) return;
    if (inFlight === undefined) {
      lastAttemptAt = clock.now();
      inFlight = fetchKeys();
    }
    await inFlight;
  };

  return {
    async find(keyId) {
      if (keys === undefined || clock.now() - fetchedAt >= REFRESH_AFTER || !keys.has(keyId)) await refresh();
      if (keys === undefined || clock.now() - fetchedAt >= OLDEST) return 'keys-unavailable';
      return keys.get(keyId) ?? 'unknown-key';
    },
  };
}

async function readKeys(
  { metadataUrl, issuer }: KeyAuthority,
  httpClient: HttpClient,
): Promise<ReadonlyMap<string, SigningKey>> {
  const metadata = metadataSchema.parse(await readJson(httpClient, metadataUrl));
  if (metadata.issuer !== issuer) throw new Error('the metadata is of another issuer');
  const address = new URL(metadata.jwks_uri);
  if (address.origin !== new URL(metadataUrl).origin) throw new Error('the keys are on another host');
  const { keys } = keySetSchema.parse(await readJson(httpClient, address.href));
  const usable = keys.filter(({ kty, use }) => kty === 'RSA' && (use === undefined || use === 'sig'));
  const imported = await Promise.all(
    usable.map(async ({ kid, kty, n, e, endorsements }): Promise<[string, SigningKey]> => {
      // Only the public parameters: other properties of the key are ignored.
      const key = await importJWK({ kty, n, e } as JWK, 'RS256');
      if (key instanceof Uint8Array) throw new Error('the key is a secret');
      return [kid, { key, endorsements }];
    }),
  );
  return new Map(imported);
}

async function readJson(httpClient: HttpClient, url: string): Promise<unknown> {
  const request = createPipelineRequest({
    url,
    headers: createHttpHeaders({ Accept: 'application/json' }),
    timeout: FETCH_MS,
    abortSignal: AbortSignal.timeout(FETCH_MS),
  });
  const { status, bodyAsText } = await httpClient.sendRequest(request);
  if (status !== 200) throw new Error(`answered with ${status}`);
  return JSON.parse(bodyAsText ?? '');
}
