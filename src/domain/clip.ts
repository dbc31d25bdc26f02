/** At most so many UTF-16 units; a longer text ends in an ellipsis. No character is cut in two. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
