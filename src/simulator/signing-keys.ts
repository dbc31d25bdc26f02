/**
 * Keys that tokens of the tenant are signed with: made when they are first needed, and kept with the tenant, so that a
 * token is as good after a restart as it was before.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import type { KeptKeys } from './store.js';

const keptSchema = z.object({
  generation: z.number(),
  jwk: z.looseObject({ n: z.string(), e: z.string() }).optional(),
});

export class SigningKey {
  #current: { readonly privateKey: KeyObject; readonly n: string; readonly e: string } | undefined;
  #generation = 1;

  /** @param name begins the key's id, and finds it again. */
  constructor(
    private readonly kept: KeptKeys,
    private readonly name: string,
  ) {
    const text = kept.get(name);
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

  /** A signed token. Header and claims are taken as they are, right or wrong. */
  token(header: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>>): string {
    const input = `${encode(header)}.${encode(claims)}`;
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), this.#key().privateKey).toString('base64url')}`;
  }

  /** The old key is no longer published, and signs nothing any more. */
  rotate(): void {
    this.#generation += 1;
    this.#current = undefined;
    this.kept.put(this.name, JSON.stringify({ generation: this.#generation }));
  }

  #key(): { readonly privateKey: KeyObject; readonly n: string; readonly e: string } {
    if (this.#current !== undefined) return this.#current;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = privateKey.export({ format: 'jwk' });
    this.kept.put(this.name, JSON.stringify({ generation: this.#generation, jwk }));
    const { n = '', e = '' } = jwk;
    this.#current = { privateKey, n, e };
    return this.#current;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
