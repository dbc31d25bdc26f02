/** Reads what callers of the management API send: queries and bodies, as leniently as the real host does. */
import type { IncomingMessage } from 'node:http';
import { parseLenientJson } from '../../json/lenient-json.js';
import type { InstanceQuery } from '../durable-store.js';
import { ManagementError } from './management-error.js';

const STATUSES = [
  'Running',
  'Completed',
  'ContinuedAsNew',
  'Failed',
  'Canceled',
  'Terminated',
  'Pending',
  'Suspended',
];

/** Unknown values are ignored, as on the real host. */
export function instanceQuery(query: URLSearchParams): InstanceQuery {
  const given = query.getAll('runtimeStatus').flatMap((value) => value.split(','));
  return {
    kind: 'orchestration',
    prefix: query.get('instanceIdPrefix') ?? '',
    after: '',
    statuses: given.filter((value) => STATUSES.includes(value)),
    createdFrom: time(query.get('createdTimeFrom')),
    createdTo: time(query.get('createdTimeTo')),
    limit: -1,
  };
}

export function time(text: string | null): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}

export function flag(text: string | null): boolean | undefined {
  const value = text?.trim().toLowerCase();
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

export function seconds(text: string | null): number | undefined {
  return text === null || text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
}

export const isJson = (request: IncomingMessage): boolean =>
  /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');

/** @returns the JSON text without whitespace. @throws ManagementError 400 */
export function parseBody(text: string): string {
  const value = readJson(text);
  return typeof value === 'number' ? JSON.stringify(value).replace('e', 'E') : JSON.stringify(value);
}

/** Accepts a trailing comma, as the real host does. @throws ManagementError 400 */
function readJson(text: string): unknown {
  try {
    return parseLenientJson(text);
  } catch {
    const start = text.trim()[0];
    const message =
      start === undefined
        ? "Error reading JToken from JsonReader. Path '', line 0, position 0."
        : `Unexpected character encountered while parsing value: ${start}. Path '', line 0, position 0.`;
    throw new ManagementError(400, 'Invalid JSON content', {
      type: 'Newtonsoft.Json.JsonReaderException',
      message,
    });
  }
}

/** A body with Content-Length 0 means no input; a blank body, or one without a length, means an empty text. */
export function startInput(request: IncomingMessage, text: string): string | null {
  if (request.headers['content-length'] === '0') return null;
  if (text.trim() === '') return '';
  readJson(text);
  return text;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
