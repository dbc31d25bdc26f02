/** The one sanitiser of error texts: they go into histories, logs, case files and answers. */
import { clip } from './clip.js';

/** What stands after these words is never shown. */
const SECRET =
  /[\w-]{0,40}(?:secret|password|pwd|token|authorization|assertion)["']?\s*[:=]\s*(?:"[^"]*"?|'[^']*'?|[^\s"'<>&,;]+)/gi;
const BEARER = /\bbearer\s+[\w.~+/=-]{6,}/gi;
/** Parts of connection strings and of signed addresses. */
const PARAMETER = /[\w-]{0,40}(?:key|sig|signature|code)=[^\s"'<>&,;]*/gi;

const LONGEST_READ = 5_000;
const LONGEST_KEPT = 600;

/**
 * An error text without anything that looks like a credential, on one line, at most 600 characters. The Functions
 * host cuts texts such as `key=…` up to the next quotation mark, which can destroy the JSON around them
 * (https://github.com/Azure/azure-functions-host, Sanitizer): what it would look for never reaches it.
 */
export function cleanErrorText(text: string): string {
  const clean = text
    .slice(0, LONGEST_READ)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .replace(BEARER, 'bearer (removed)')
    .replace(SECRET, withoutValue)
    .replace(PARAMETER, withoutValue);
  return clip(clean, LONGEST_KEPT);
}

function withoutValue(found: string): string {
  return `${/^[\w-]+/.exec(found)?.[0] ?? ''} (removed)`;
}
