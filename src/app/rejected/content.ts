/** Packs the content of a rejected body for storage, and unpacks it unchanged. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { PackedContent } from '../../domain/rejected-body.js';
import { wellFormed } from '../../domain/unicode-text.js';

const compress = promisify(gzip);
const expand = promisify(gunzip);

export interface Packed {
  /** `rejected-` and 40 hexadecimal digits of the content's hash: equal content has the same id. */
  readonly id: string;
  readonly bytes: number;
  readonly content: PackedContent;
}

/**
 * @param body as a trigger received it: text, bytes, or a value that the host parsed from JSON.
 * @param tenantId of its submitter: what another tenant submits is another body, even if it is equal.
 */
export async function packContent(body: unknown, tenantId?: string): Promise<Packed> {
  const { form, bytes } = contentOf(body);
  const ofContent = hashOf(bytes);
  const hash = tenantId === undefined ? ofContent : hashOf(`${ofContent} ${tenantId}`);
  const data = (await compress(bytes)).toString('base64');
  return { id: `rejected-${hash.slice(0, 40)}`, bytes: bytes.byteLength, content: { form, data } };
}

function hashOf(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The content in the form in which it was received. */
export async function unpackContent({ form, data }: PackedContent): Promise<unknown> {
  const bytes = await expand(Buffer.from(data, 'base64'));
  if (form === 'bytes') return bytes;
  const text = bytes.toString('utf8');
  return form === 'text' ? text : JSON.parse(text);
}

/** The bytes of the content: what was sent, or the JSON text of a parsed value. */
export async function bytesOf({ data }: PackedContent): Promise<Buffer> {
  return expand(Buffer.from(data, 'base64'));
}

function contentOf(body: unknown): { readonly form: PackedContent['form']; readonly bytes: Buffer } {
  if (body instanceof Uint8Array) return { form: 'bytes', bytes: Buffer.from(body) };
  // Lone surrogates cannot be encoded as UTF-8; JSON escapes them.
  if (typeof body === 'string' && wellFormed(body) === body)
    return { form: 'text', bytes: Buffer.from(body, 'utf8') };
  return { form: 'json', bytes: Buffer.from(jsonText(body), 'utf8') };
}

/** Like JSON.stringify of a parsed value, but of any depth: a rejected body may be nested many thousands of levels deep. */
function jsonText(value: unknown): string {
  const parts: string[] = [];
  /** What is still to be written, the next at the end: literal text, or a value. */
  const left: ({ readonly text: string } | { readonly value: unknown })[] = [{ value }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if ('text' in next) {
      parts.push(next.text);
    } else if (typeof next.value !== 'object' || next.value === null) {
      parts.push(JSON.stringify(next.value) ?? 'null');
    } else {
      const isList = Array.isArray(next.value);
      const entries = Object.entries(next.value);
      left.push({ text: isList ? ']' : '}' });
      for (let at = entries.length - 1; at >= 0; at--) {
        const [key, part] = entries[at] as [string, unknown];
        const comma = at === 0 ? '' : ',';
        left.push({ value: part }, { text: isList ? comma : `${comma}${JSON.stringify(key)}:` });
      }
      parts.push(isList ? '[' : '{');
    }
  }
  return parts.join('');
}
