/** Format and text-direction characters, and those that show as nothing: a name could hide behind them. */
const FORMAT = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** What has no place in a name or a sentence. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** The text without what shows as nothing, or turns the direction of writing. */
export function withoutFormat(text: string): string {
  return text.replace(FORMAT, '');
}

/** The same without control characters; line breaks and tabs stay. */
export function unhidden(text: string): string {
  return withoutFormat(text).replace(CONTROL, (sign) => (sign === '\n' || sign === '\t' ? sign : ''));
}

/** What is seen of a text: on one line, without invisible characters. Markup in it stays: escape it where it goes. */
export function visible(text: string): string {
  return unhidden(text.replace(/\s+/g, ' ')).trim();
}
