/** Reads request bodies up to the real host's limit. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { withTimeout } from '../real-time.js';
import type { BodyMemory } from './body-memory.js';
import { writeHead } from './reply.js';

/** How long the rest of an oversized body is read and discarded. */
const lingerMs = 3_000;

export interface BodyLimits {
  /** Bytes that one body may have. */
  readonly maxBytes: number;
  readonly memory: BodyMemory;
}

export interface BufferedBody {
  readonly bytes: Buffer;
  /** To be called when the bytes are used no more. */
  release(): void;
}

/** Whether the declared length of the body exceeds the limit. */
export const declaresTooLong = (request: IncomingMessage, { maxBytes }: BodyLimits): boolean =>
  Number(request.headers['content-length'] ?? 0) > maxBytes;

/** The whole body, or undefined when it is above the limit; then the rest is not read. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BufferedBody | undefined> {
  if (declaresTooLong(request, limits)) return Promise.resolve(undefined);
  const held = limits.memory.reserve(request);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limits.maxBytes) {
        chunks.push(chunk);
        held.add(chunk.length);
        return;
      }
      request.pause();
      held.release();
      resolve(undefined);
    });
    request.on('end', () => resolve({ bytes: Buffer.concat(chunks), release: held.release }));
    request.on('error', (error) => {
      held.release(); // the caller left in the middle
      reject(error);
    });
  });
}

/** The text of a body that no function gets, or undefined when it is above the limit. */
export async function readText(request: IncomingMessage, limits: BodyLimits): Promise<string | undefined> {
  const body = await readBody(request, limits);
  body?.release();
  return body?.bytes.toString('utf8');
}

/**
 * Without HTTP streaming the real host passes a body on only if the request declares its length: a chunked body
 * arrives empty and is not read.
 */
export const hasContentLength = (request: IncomingMessage): boolean =>
  Number(request.headers['content-length'] ?? 0) > 0;

/** Responds with 500 at once, but lets the caller finish sending, so that it reads the response. */
export async function rejectBody(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Content-Length', 0);
  response.setHeader('Connection', 'close');
  writeHead(response, 500).flushHeaders();
  request.resume();
  await withTimeout(lingerMs, new Promise((resolve) => void request.on('close', resolve).on('end', resolve)));
  response.end();
}

/** Header names in lower case; repeated headers, including cookies, are joined by a comma. */
export function joinedHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    headers[name] = values.map((value) => Buffer.from(value, 'latin1').toString('utf8')).join(',');
  }
  return headers;
}
