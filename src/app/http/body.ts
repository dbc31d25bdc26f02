import type { HttpRequest } from '@azure/functions';
import type { Problem } from '../problem.js';

export type Body =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

/** No incident comes near it: alerts and entities are read back from Sentinel. */
const MAXIMUM_BYTES = 1024 * 1024;

/**
 * The body as text. Anything but JSON by its content type is refused: a page of another site can send forms and
 * plain text to this address, but not JSON.
 */
export async function readBody(request: HttpRequest, maximum = MAXIMUM_BYTES): Promise<Body> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    return refused(415, 'not-json', 'The content type is not JSON.', 'Send content-type: application/json.');
  }
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > maximum) return tooLarge(maximum);
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > maximum) return tooLarge(maximum);
  return { ok: true, text: new TextDecoder().decode(bytes) };
}

function tooLarge(maximum: number): Body {
  const limit = `${Math.floor(maximum / 1024)} KB`;
  return refused(
    413,
    'too-large',
    `The body is larger than ${limit}.`,
    'Leave out what Sentinel can be asked for.',
  );
}

function refused(status: number, code: string, detail: string, next: string): Body {
  return { ok: false, problem: { status, code, detail, next } };
}
