/** JSON files given by the user. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { jsonPlace } from '../domain/json-place.js';
import { CliError } from './problem.js';

/** How to report an error in this kind of file. */
export interface JsonKind {
  readonly code: string;
  /** E.g. `an exported history`. */
  readonly name: string;
  readonly next: string;
}

/** The text of a file in UTF-8, without a byte order mark. @throws CliError if it is not UTF-8 */
export function readUtf8(path: string, { code }: Pick<JsonKind, 'code'>): string {
  const bytes = readFileSync(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CliError(code, `${path} is not text in UTF-8.`, 'Save it again in UTF-8.');
  }
}

/** @throws CliError of the kind's code, with line and column or the path in the value. */
export function parseJsonFile<T>(path: string, text: string, schema: z.ZodType<T>, kind: JsonKind): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CliError(kind.code, `${path}:${jsonPlace(text)}: this is not JSON.`, kind.next);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  const where = `${path}${at === '' ? '' : `, at ${at}`}`;
  throw new CliError(kind.code, `${where}: this is not ${kind.name}: ${issue?.message}`, kind.next);
}
