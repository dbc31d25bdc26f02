/** The only sanitiser of error texts, which end up in histories, logs, case files and HTTP responses. */
import { clip } from './clip.js';

/** Values after these words are removed. */
const SECRET =
  /[\w-]{0,40}(?:secret|password|pwd|token|authorization|assertion)["']?\s*[:=]\s*(?:"[^"]*"?|'[^']*'?|[^\s"'<>&,;]+)/gi;
const BEARER = /\bbearer\s+[\w.~+/=-]{6,}/gi;
/** Parts of connection strings and of signed URLs. */
const PARAMETER = /[\w-]{0,40}(?:key|sig|signature|code)=[^\s"'<>&,;]*/gi;

const LONGEST_READ = 5_000;
const LONGEST_KEPT = 600;

/**
 * Removes everything that looks like a credential and returns one line of at most 600 characters. The Functions host
 * cuts texts such as `key=…` up to the next quotation mark, which can corrupt the JSON around them
 * (https://github.com/Azure/azure-functions-host, Sanitizer). This function removes such texts first.
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
