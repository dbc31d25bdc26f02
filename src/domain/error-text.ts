/** The one sanitiser of error texts: they go into histories, logs, case files and answers. */

const CREDENTIAL =
  /\b(authorization|bearer|token|secret|password|pwd|sig|signature|(?:account|access|shared\w*)?key|code|client_assertion)(\s*[=:]\s*|\s+)(?:bearer\s+)?("[^"]*"|[^\s"'<>&,;]{6,})/gi;
const MAXIMUM = 600;

/**
 * An error text without anything that looks like a credential, on one line, at most 600 characters. The Functions
 * host cuts texts such as `key=…` up to the next quotation mark, which can destroy the JSON around them
 * (https://github.com/Azure/azure-functions-host, Sanitizer): what it would look for never reaches it.
 */
export function cleanErrorText(text: string): string {
  const oneLine = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  const clean = oneLine
    .replace(CREDENTIAL, (found, word: string, between: string) =>
      between.trim() === '' && !/^bearer$/i.test(word) ? found : `${word} (removed)`,
    )
    .replace(/\b(token|password|pwd|sig|code|key)=/gi, '$1 ');
  return clean.length <= MAXIMUM ? clean : `${clean.slice(0, MAXIMUM - 1)}…`;
}
