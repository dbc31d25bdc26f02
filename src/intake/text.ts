/** Tolerant reading of JSON: a missing value, null and the text "null" are equivalent. */
import { isAscii, lowerCase, wellFormed } from '../domain/unicode-text.js';
import { withoutFormat } from '../domain/visible.js';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * Text or a number as trimmed, well-formed text without invisible characters, because ids that differ only in these
 * look the same. Undefined for empty text, null and "null".
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return undefined;
  const text = isAscii(value) ? value.trim() : wellFormed(withoutFormat(value).trim());
  return text === '' || (text.length === 4 && lowerCase(text) === 'null') ? undefined : text;
}

/** Like `textOf`, in the lower case that services compare. */
export function lowerOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : lowerCase(text);
}

export function textsOf(value: unknown): string[] {
  return listOf(value).flatMap((item) => textOf(item) ?? []);
}

/** The value of a key in any letter case: sources differ in the case of `additionalData` keys. */
export function fieldOf(object: unknown, key: string): unknown {
  if (!isObject(object)) return undefined;
  if (Object.hasOwn(object, key)) return object[key];
  const wanted = lowerCase(key);
  // Letter case does not change the length, which is compared much faster.
  const isWanted = (name: string) => name.length === wanted.length && lowerCase(name) === wanted;
  const found = Object.keys(object).find(isWanted);
  return found === undefined ? undefined : object[found];
}

/** The first of these fields that has a text. */
export function firstText(object: unknown, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = textOf(fieldOf(object, key));
    if (text !== undefined) return text;
  }
  return undefined;
}

export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
