/**
 * Cuts what looks like a credential out of error texts, exactly as the real host does: from the key word up to the
 * next quotation mark, apostrophe or "<". It can cut through JSON; then so does this.
 */
const KEY_WORDS = [
  'Token=',
  'DefaultEndpointsProtocol=http',
  'AccountKey=',
  'Data Source=',
  'Server=',
  'Password=',
  'pwd=',
  '&amp;sig=',
  '&sig=',
  '?sig=',
  'SharedAccessKey=',
  '&amp;code=',
  '&code=',
  '?code=',
  '/code=',
  'key=',
];
const EXEMPT = 'PublicKeyToken=';
const REPLACEMENT = '[Hidden Credential]';
const END = /[<"]/g;
const ANY = /=|DefaultEndpointsProtocol/i;

export function sanitise(text: string): string {
  if (!ANY.test(text)) return text;
  let result = text;
  for (const word of KEY_WORDS) {
    const key = word.toLowerCase();
    let from = 0;
    for (;;) {
      const start = result.toLowerCase().indexOf(key, from);
      if (start < 0) break;
      const before = start + key.length - EXEMPT.length;
      if (before >= 0 && result.slice(before, start + key.length).toLowerCase() === EXEMPT.toLowerCase()) {
        from = start + key.length;
        continue;
      }
      END.lastIndex = start;
      const end = END.exec(result)?.index ?? result.length;
      result = result.slice(0, start) + REPLACEMENT + result.slice(end);
      from = start + REPLACEMENT.length;
    }
  }
  return result;
}
