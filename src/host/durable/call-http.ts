/** The host's own activity behind `callHttp`: one request, its answer as status, headers and text. */
import { httpRequest, httpsRequest } from '../http.js';
import type { HttpRequest } from './turn/state.js';

/** @returns JSON text of `{statusCode, headers, content}`, also when the request could not be made (502). */
export function callHttp(input: string): Promise<string> {
  const asked = JSON.parse(input) as HttpRequest;
  const url = new URL(asked.uri);
  const send = url.protocol === 'https:' ? httpsRequest() : httpRequest;
  const content = asked.content === undefined || asked.content === null ? undefined : String(asked.content);
  return new Promise((resolve) => {
    const call = send(url, { method: asked.method, headers: { ...asked.headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const headers = shownHeaders(response.rawHeaders);
        resolve(
          JSON.stringify({
            statusCode: response.statusCode,
            headers,
            content: Buffer.concat(parts).toString(),
          }),
        );
      });
    });
    call.on('error', (error) =>
      resolve(JSON.stringify({ statusCode: 502, headers: {}, content: error.message })),
    );
    call.end(content);
  });
}

/** Headers of the connection and of the content do not reach the app on the real host. */
const HIDDEN = /^(connection|keep-alive|content-.*|expires|last-modified|allow)$/i;

function shownHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  const pairs: [string, string][] = [];
  for (let at = 0; at < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? '']);
  pairs.sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  for (const [name, value] of pairs) {
    if (!HIDDEN.test(name)) headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return headers;
}
