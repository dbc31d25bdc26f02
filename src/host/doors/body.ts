/** Reads request bodies up to the real host's limit. */
import type { IncomingMessage } from 'node:http';

const maximumBytes = 104_857_600;

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

/** Header names in lower case; repeated headers are joined by a comma, cookies too. */
export function joinedHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    headers[name] = values.map((value) => Buffer.from(value, 'latin1').toString('utf8')).join(',');
  }
  return headers;
}
