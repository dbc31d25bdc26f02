/** Format, text-direction and invisible characters, which could hide parts of a name. */
const FORMAT = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Characters that do not belong in a name or a sentence. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** Removes invisible and text-direction characters. */
export function withoutFormat(text: string): string {
  return text.replace(FORMAT, '');
}

/** Also removes control characters, except line breaks and tabs. */
export function unhidden(text: string): string {
  return withoutFormat(text).replace(CONTROL, (sign) => (sign === '\n' || sign === '\t' ? sign : ''));
}

/** The visible text on one line. Markup stays: escape it at the point of output. */
export function visible(text: string): string {
  return unhidden(text.replace(/\s+/g, ' ')).trim();
}
