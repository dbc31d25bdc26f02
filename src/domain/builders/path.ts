/** The only builders of an ApiPath. Incident values reach a URL only through them. */
import { lowerCase } from '../unicode-text.js';

declare const brand: unique symbol;
/** A path below a service's base URL, with its query. Starts with a slash. */
export type ApiPath = string & { readonly [brand]: 'ApiPath' };
/** Text that is inserted into a path without encoding. Only the functions in this file build it. */
export interface Raw {
  readonly raw: string;
}

/**
 * Template for paths: each value becomes one encoded segment or query value.
 * @throws RangeError for `.` and `..`, because a URL parser would resolve them.
 */
export function path(strings: TemplateStringsArray, ...values: readonly (string | number | Raw)[]): ApiPath {
  let out = strings[0] ?? '';
  values.forEach((value, i) => {
    out += typeof value === 'object' ? value.raw : segment(String(value));
    out += strings[i + 1] ?? '';
  });
  return out as ApiPath;
}

/**
 * Template for an OData filter as one query value. Quotes strings and doubles the quotation marks inside them.
 * https://docs.oasis-open.org/odata/odata/v4.01/os/part2-url-conventions/odata-v4.01-os-part2-url-conventions.html
 */
export function odata(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | boolean | Raw)[]
): Raw {
  let out = strings[0] ?? '';
  values.forEach((value, i) => {
    out += literal(value);
    out += strings[i + 1] ?? '';
  });
  return { raw: encodeURIComponent(out) };
}

function literal(value: string | number | boolean | Raw): string {
  if (typeof value === 'object') return value.raw;
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

/** A GUID for an OData filter on a GUID property, without quotation marks. @throws RangeError if it is not a GUID. */
export function guid(text: string): Raw {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw new RangeError('not a GUID');
  return { raw: lowerCase(text) };
}

/** Removes trailing slashes from a URL before a path is appended. */
export function withoutEndingSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end--;
  return url.slice(0, end);
}

const ARM_ID = /^(\/[^/\\<>*%&:?#\p{Cc}\p{Zl}\p{Zp}]+)+$/u;
/**
 * An ARM id as part of a path, with encoded segments.
 * @throws RangeError if it contains characters that ARM ids do not allow.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export function armId(id: string): Raw {
  if (!ARM_ID.test(id) || id.split('/').some((part) => part === '.' || part === '..')) {
    throw new RangeError('not an ARM id');
  }
  return { raw: id.split('/').map(encodeURIComponent).join('/') };
}

function segment(value: string): string {
  if (value === '' || value === '.' || value === '..') throw new RangeError('empty or relative path segment');
  return encodeURIComponent(value);
}
