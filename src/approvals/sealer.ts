/**
 * Seals messages with HMAC-SHA-256. The keys are derived from the signing keys by HKDF
 * (https://www.rfc-editor.org/rfc/rfc5869).
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import {
  type OpenedMessage,
  type SealBinding,
  type SealedMessage,
  type Sealer,
  sealedMessageSchema,
} from '../domain/sealed.js';
import { keyIdOf } from './signature.js';

const INFO = 'sentinel-responder sealed messages';

/** @param signingKeys the first seals and all of them open, which allows key rotation. None: nothing opens. */
export function createSealer(signingKeys: readonly string[]): Sealer {
  const keys = signingKeys.map((key) => ({
    id: keyIdOf(key),
    secret: Buffer.from(hkdfSync('sha256', key, '', INFO, 32)),
  }));
  return {
    seal(content, about) {
      const message = { ...about, content: JSON.stringify(content) };
      const [key] = keys;
      const seal =
        key === undefined ? { keyId: '', mac: '' } : { keyId: key.id, mac: macOf(message, key.secret) };
      return { ...message, seal };
    },
    open(raw, about) {
      const parsed = sealedMessageSchema.safeParse(raw);
      if (!parsed.success) return { ok: false, code: 'unsealed' };
      const { seal, ...message } = parsed.data;
      const key = keys.find(({ id }) => id === seal.keyId);
      if (key === undefined || !same(seal.mac, macOf(message, key.secret))) {
        return { ok: false, code: 'forged' };
      }
      return isAbout(message, about) ? opened(message, seal.mac) : { ok: false, code: 'misplaced' };
    },
  };
}

type Message = Omit<SealedMessage, 'seal'>;

function opened({ content, ...binding }: Message, mac: string): OpenedMessage {
  return { ok: true, ...binding, content: JSON.parse(content), mac };
}

function isAbout(message: SealBinding, about: Partial<SealBinding>): boolean {
  const { purpose, instanceId, generation, sequence } = about;
  return (
    message.purpose === purpose &&
    (instanceId === undefined || message.instanceId === instanceId) &&
    (generation === undefined || message.generation === generation) &&
    (sequence === undefined || message.sequence === sequence)
  );
}

function macOf({ purpose, instanceId, generation, sequence, content }: Message, secret: Buffer): string {
  const text = JSON.stringify(['sealed', purpose, instanceId, generation, sequence, content]);
  return createHmac('sha256', secret).update(text, 'utf8').digest('base64url');
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
