/** The only way that values of an incident reach HTML (incident comments and pages). */
import { unhidden } from '../visible.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** HTML that was built by the template below. */
export class SafeHtml {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** Escapes text for element content and quoted attributes; control, invisible and text-direction characters are dropped. */
export function escapeHtml(text: string): string {
  return unhidden(text).replace(/[&<>"'`]/g, (c) => ESCAPES[c] ?? c);
}

/** Template for HTML: text and numbers are escaped, SafeHtml goes in as it is. */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | SafeHtml | readonly SafeHtml[])[]
): SafeHtml {
  let out = strings[0] ?? '';
  values.forEach((value, i) => {
    if (typeof value === 'string' || typeof value === 'number') out += escapeHtml(String(value));
    else if (value instanceof SafeHtml) out += value.text;
    else out += value.map((part) => part.text).join('');
    out += strings[i + 1] ?? '';
  });
  return new SafeHtml(out);
}
