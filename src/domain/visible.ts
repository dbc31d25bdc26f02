/** Control, format and text-direction characters, and those that show as nothing: a name could hide behind them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** What is seen of a text: on one line, without invisible characters. Markup in it stays: escape it where it goes. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();
}
