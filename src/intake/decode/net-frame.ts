/**
 * The body of a message that .NET's older Service Bus library made of a text or of bytes: an element of binary XML around
 * the content. https://learn.microsoft.com/openspecs/windows_protocols/mc-nbfx
 */

const NAMESPACE = 'http://schemas.microsoft.com/2003/10/Serialization/';
/** The name of the element is `string` or `base64Binary`. */
const LONGEST_HEAD = 100;
/** One byte for the kind of the record, and up to four for its length. */
const LONGEST_LENGTH = 5;

/**
 * What may be the content: from one of the first possible beginnings of JSON to its last possible end. The bytes of the
 * length may look like a bracket, so there may be several. Empty: the text has no such frame.
 */
export function framedContents(text: string): string[] {
  const at = text.charCodeAt(0) === 0x40 ? text.slice(0, LONGEST_HEAD).indexOf(NAMESPACE) : -1;
  if (at === -1) return [];
  const content = at + NAMESPACE.length;
  const end = Math.max(...['}', ']', '"'].map((sign) => text.lastIndexOf(sign)));
  const contents: string[] = [];
  for (let start = content + 2; start <= content + LONGEST_LENGTH + 1; start++) {
    if ('{["'.includes(text[start] ?? ' ') && start < end) contents.push(text.slice(start, end + 1));
  }
  return contents;
}
