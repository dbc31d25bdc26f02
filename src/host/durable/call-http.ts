/** The host's own activity behind `callHttp`: one request, its answer as status, headers and text. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HttpRequest } from './turn/state.js';

/** @returns JSON text of `{statusCode, headers, content}`, also when the request could not be made (502). */
export function callHttp(input: string): Promise<string> {
  const asked = JSON.parse(input) as HttpRequest;
  const url = new URL(asked.uri);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const content = asked.content === undefined || asked.content === null ? undefined : String(asked.content);
  return new Promise((resolve) => {
    const call = send(url, { method: asked.method, headers: { ...asked.headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const headers = Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(',') : (value ?? ''),
          ]),
        );
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
