/** Reads request bodies up to the real host's limit. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { atMost } from '../clock.js';
import { begin } from './reply.js';

const maximumBytes = 104_857_600;
/** How long the rest of a body that is too long is read and thrown away. */
const lingerMs = 3_000;

/** True when the request says that its body is above the limit. */
export const saysTooLong = (request: IncomingMessage): boolean =>
  Number(request.headers['content-length'] ?? 0) > maximumBytes;

/** The whole body, or undefined when it is above the limit; then the rest is not read. */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (saysTooLong(request)) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maximumBytes) chunks.push(chunk);
      else {
        request.pause();
        resolve(undefined);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject); // the caller left in the middle
  });
}

/** Answers 500 at once, but lets a caller that is still sending end, so that he comes to read it. */
export async function refuseBody(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Content-Length', 0);
  response.setHeader('Connection', 'close');
  begin(response, 500).flushHeaders();
  request.resume();
  await atMost(lingerMs, new Promise((resolve) => void request.on('close', resolve).on('end', resolve)));
  response.end();
}

/** Header names in lower case; repeated headers are joined by a comma, cookies too. */
export function joinedHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    headers[name] = values.map((value) => Buffer.from(value, 'latin1').toString('utf8')).join(',');
  }
  return headers;
}
