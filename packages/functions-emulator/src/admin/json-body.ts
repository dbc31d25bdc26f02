/** Bodies of the admin API, as ASP.NET Core's input formatters take them. */
import type { IncomingMessage } from 'node:http';
import { type BodyLimits, readText } from '../http/body.js';
import { parseLenientJson } from '../json/lenient-json.js';

/**
 * The body as JSON (undefined if it is invalid), or the status to reject it with: 415 if its content type is not JSON.
 * https://learn.microsoft.com/aspnet/core/web-api/advanced/formatting
 */
export async function readJsonBody(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<{ readonly json: unknown } | { readonly rejectedWith: number }> {
  if (!isJson(request.headers['content-type'] ?? '')) return { rejectedWith: 415 };
  const text = await readText(request, limits);
  if (text === undefined) return { rejectedWith: 500 };
  try {
    return { json: parseLenientJson(text) };
  } catch {
    return { json: undefined };
  }
}

function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters
    .find((one) => one.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  return (
    /^(application|text)\/json$|^application\/[\w.!#$&^-]+\+json$/.test(type) &&
    (charset === undefined || charset === 'utf-8' || charset === 'utf8')
  );
}
