/**
 * The part of HAR 1.2 that recordings use.
 * http://www.softwareishard.com/blog/har-12-spec/
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ResponderError } from '../../domain/errors.js';
import { jsonPlace } from '../../domain/json-place.js';
import { canonicalJson } from './exchange.js';

const pairSchema = z.object({ name: z.string(), value: z.string() });
const entrySchema = z.object({
  startedDateTime: z.string(),
  time: z.number(),
  request: z.object({
    method: z.string(),
    url: z.url(),
    headers: z.array(pairSchema),
    queryString: z.array(pairSchema),
    postData: z.object({ mimeType: z.string(), text: z.string() }).optional(),
  }),
  response: z.object({
    /** 0: no response was received; `_error` has the reason. */
    status: z.int(),
    headers: z.array(pairSchema),
    content: z.object({ mimeType: z.string(), size: z.number(), text: z.string() }),
    _error: z.string().optional(),
  }),
});
const harSchema = z.object({
  log: z.object({
    version: z.literal('1.2'),
    _synthetic: z.boolean().optional(),
    entries: z.array(entrySchema),
  }),
});
export type HarEntry = z.infer<typeof entrySchema>;

/** @throws ResponderError `recording-unreadable` with the place of the first error. */
export function readHar(file: string): readonly HarEntry[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(file, `this is not JSON, at ${jsonPlace(text)}`);
  }
  const parsed = harSchema.safeParse(value);
  if (parsed.success) return parsed.data.log.entries;
  const [issue] = parsed.error.issues;
  throw unreadable(file, `${issue?.path.join('.')}: ${issue?.message}`);
}

function unreadable(file: string, why: string): ResponderError {
  return new ResponderError({
    code: 'recording-unreadable',
    message: `The recording ${file} cannot be used: ${why}`,
    fault: 'caller',
    retry: 'no',
    place: file,
    next: 'Check the path, or record the exchanges again.',
  });
}

/** Creates the folder and checks that the file can be written; an existing file is left unchanged. */
export function prepareHar(file: string): void {
  withWriteErrors(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporaryPath(file), '');
    rmSync(temporaryPath(file));
  });
}

/** Replaces the whole file atomically, so a reader never sees a part of it. */
export function writeHar(file: string, entries: readonly HarEntry[], synthetic: boolean): void {
  const filled = entries.map(({ request, response, ...entry }) => ({
    ...entry,
    cache: {},
    timings: { send: 0, wait: 0, receive: 0 },
    request: { ...request, cookies: [], httpVersion: 'HTTP/1.1', headersSize: -1, bodySize: -1 },
    response: {
      ...response,
      cookies: [],
      httpVersion: 'HTTP/1.1',
      statusText: '',
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
    },
  }));
  const creator = { name: 'sentinel-responder', version: '1' };
  const log = { version: '1.2', creator, _synthetic: synthetic, entries: filled };
  const sorted: unknown = JSON.parse(canonicalJson({ log }));
  withWriteErrors(file, () => {
    writeFileSync(temporaryPath(file), `${JSON.stringify(sorted, null, 1)}\n`);
    renameSync(temporaryPath(file), file);
  });
}

const temporaryPath = (file: string): string => `${file}.part`;

/** @throws ResponderError `recording-unwritable`. The call to be recorded may have taken effect. */
function withWriteErrors(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new ResponderError({
      code: 'recording-unwritable',
      message: `The recording ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      fault: 'caller',
      retry: 'check-before-retry',
      place: file,
      next: 'Use a path in a writable folder, or do not record.',
    });
  }
}
