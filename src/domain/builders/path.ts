/** Builders through which values of an incident reach a URL. Nothing else makes an ApiPath. */
import { lowerCase } from '../letters.js';

declare const brand: unique symbol;
/** A path below a service's base address, with its query. Starts with a slash. */
export type ApiPath = string & { readonly [brand]: 'ApiPath' };
/** Text that may stand in a path as it is: it was built by one of the functions here. */
export interface Raw {
  readonly raw: string;
}

/**
 * Template for paths: each value becomes one encoded segment or query value.
 * `.` and `..` are refused because a URL parser would resolve them away.
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
 * An OData filter as one query value: string values are quoted, with quotation marks doubled.
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

/** A GUID in an OData filter, where the property is one: without quotation marks. Throws RangeError for anything else. */
export function guid(text: string): Raw {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw new RangeError('not a GUID');
  return { raw: lowerCase(text) };
}

/** An address without the slashes at its end, so that a path can follow. */
export function withoutEndingSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end--;
  return url.slice(0, end);
}

const ARM_ID = /^(\/[^/\\<>*%&:?#\p{Cc}\p{Zl}\p{Zp}]+)+$/u;
/**
 * An ARM id as part of a path, its segments encoded. Throws RangeError when it holds anything an ARM id cannot hold.
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
