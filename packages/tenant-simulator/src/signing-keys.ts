/**
 * Signing keys of the tenant's tokens: created on first use and stored with the tenant, so tokens stay valid after a
 * restart.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import type { KeyStore } from './store.js';

const keptSchema = z.object({
  generation: z.number(),
  jwk: z.looseObject({ n: z.string(), e: z.string() }).optional(),
});

export class SigningKey {
  #current: { readonly privateKey: KeyObject; readonly n: string; readonly e: string } | undefined;
  #generation = 1;

  /** @param name prefix of the key's id, by which the key is found again. */
  constructor(
    private readonly keyStore: KeyStore,
    private readonly name: string,
  ) {
    const text = keyStore.get(name);
    if (text === undefined) return;
    const { generation, jwk } = keptSchema.parse(JSON.parse(text));
    this.#generation = generation;
    if (jwk !== undefined)
      this.#current = { privateKey: createPrivateKey({ key: jwk, format: 'jwk' }), ...jwk };
  }

  get id(): string {
    return `${this.name}-${this.#generation}`;
  }

  /** As key sets publish it. https://www.rfc-editor.org/rfc/rfc7517 */
  get published(): Readonly<Record<string, unknown>> {
    const { n, e } = this.#key();
    return { kty: 'RSA', use: 'sig', kid: this.id, n, e };
  }

  /** A signed token. Header and claims are used unchanged, right or wrong. */
  token(header: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>>): string {
    const input = `${encode(header)}.${encode(claims)}`;
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), this.#key().privateKey).toString('base64url')}`;
  }

  /** Replaces the key: the old one is no longer published or used. */
  rotate(): void {
    this.#generation += 1;
    this.#current = undefined;
    this.keyStore.put(this.name, JSON.stringify({ generation: this.#generation }));
  }

  #key(): { readonly privateKey: KeyObject; readonly n: string; readonly e: string } {
    if (this.#current !== undefined) return this.#current;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = privateKey.export({ format: 'jwk' });
    this.keyStore.put(this.name, JSON.stringify({ generation: this.#generation, jwk }));
    const { n = '', e = '' } = jwk;
    this.#current = { privateKey, n, e };
    return this.#current;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
