import type { HttpRequest } from '@azure/functions';
import type { Problem } from '../problem.js';

export type Body =
  | {
      readonly ok: true;
      readonly text: string;
      /** The text, or the bytes if they are not UTF-8. */
      readonly content: string | Uint8Array;
    }
  | { readonly ok: false; readonly problem: Problem };

/** Incidents are far smaller: the responder reads alerts and entities from Sentinel. */
const MAXIMUM_BYTES = 1024 * 1024;

/**
 * Reads the body as text. Rejects every content type except JSON: a page of another site can send forms and plain text
 * to this address, but not JSON. Call it after the caller is authenticated.
 */
export async function readBody(request: HttpRequest, maximum = MAXIMUM_BYTES): Promise<Body> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    return refused(415, 'not-json', 'The content type is not JSON.', 'Send content-type: application/json.');
  }
  return readText(request, maximum);
}

/** Reads the fields of a form, or the problem with it. */
export async function readForm(
  request: HttpRequest,
  maximum: number,
): Promise<{ readonly ok: true; readonly fields: URLSearchParams } | Extract<Body, { ok: false }>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
    return refused(
      415,
      'not-a-form',
      'The content type is not application/x-www-form-urlencoded.',
      'Submit the form on the page.',
    );
  }
  const body = await readText(request, maximum);
  return body.ok ? { ok: true, fields: new URLSearchParams(body.text) } : body;
}

async function readText(request: HttpRequest, maximum: number): Promise<Body> {
  const announced = request.headers.get('content-length');
  if (announced !== null && !(Number(announced) <= maximum)) return tooLarge(maximum);
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > maximum) return tooLarge(maximum);
  if (bytes.byteLength === 0 && /chunked/i.test(request.headers.get('transfer-encoding') ?? '')) {
    const detail = 'The body was sent in chunks, and the Functions host delivers chunked bodies empty.';
    return refused(411, 'length-required', detail, 'Send the body in one piece, with content-length.');
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const isUtf8 = Buffer.from(text, 'utf8').equals(Buffer.from(bytes));
  return { ok: true, text: text.replace(/^\ufeff/, ''), content: isUtf8 ? text : new Uint8Array(bytes) };
}

function tooLarge(maximum: number): Extract<Body, { ok: false }> {
  const limit = `${Math.floor(maximum / 1024)} KB`;
  return refused(
    413,
    'too-large',
    `The body is larger than ${limit}.`,
    'Leave out data that the responder can read from Sentinel.',
  );
}

function refused(status: number, code: string, detail: string, next: string): Extract<Body, { ok: false }> {
  return { ok: false, problem: { status, code, detail, next } };
}
