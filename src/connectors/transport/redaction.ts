/** Removes secrets from recordings. Names of people and machines stay: record synthetic tenants. */

/** A token, or a text that starts like one: matched as a whole, so no part of it is scanned again. */
const TOKEN = /eyJ[\w-]{8,}(\.[\w-]+\.[\w-]*)?/g;
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/Bearer(\s+|%20)[\w.~+/=-]+/gi, 'Bearer [token]'],
  [/([?&;](?:sig|code|client_secret|access_token)=)[^&\s"']+/gi, '$1[redacted]'],
  [
    /("(?:access_token|refresh_token|id_token|client_secret|client_assertion|password|secret|accountKey)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi,
    '$1"[redacted]"',
  ],
];
/** Shorter ones would match by chance. */
const SHORTEST_SECRET = 6;

export type Redact = (text: string) => string;

/** Replaces tokens, signatures and passwords, and the given secrets in plain, percent, base64 and any-case form. */
export function redactor(secrets: readonly string[]): Redact {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
      JSON.stringify(secret).slice(1, -1),
    ])
    .sort((a, b) => b.length - a.length)
    .map((form) => new RegExp(form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'));
  return (text) => {
    let out = text;
    for (const form of forms) out = out.replace(form, '[redacted]');
    out = out.replace(TOKEN, (found, rest?: string) => (rest === undefined ? found : '[token]'));
    for (const [pattern, replacement] of PATTERNS) out = out.replace(pattern, replacement);
    return out;
  };
}
