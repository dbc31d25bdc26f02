/** The only way in which incident values reach HTML (incident comments and pages). */
import { unhidden } from '../visible.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** HTML built by the template below. */
export class SafeHtml {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** Escapes text for element content and quoted attributes. Drops control, invisible and text-direction characters. */
export function escapeHtml(text: string): string {
  return unhidden(text).replace(/[&<>"'`]/g, (c) => ESCAPES[c] ?? c);
}

/** Template for HTML: escapes text and numbers and inserts SafeHtml unchanged. */
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
