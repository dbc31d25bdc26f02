/** JSON as the .NET reader of the real host takes it: comments and a trailing comma are fine. */

/** @throws SyntaxError with the reader's words when it is not JSON even so. */
export function parseLenientJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(strict(text));
  }
}

/** Replaces comments and trailing commas by blanks, so that positions in messages stay true. */
function strict(text: string): string {
  const blank = (part: string): string => part.replace(/[^\r\n]/g, ' ');
  // A string or comment without an end goes on to the end of the text: it is read once, and wrong all the same.
  const tokens = /"(?:[^"\\]|\\.)*"?|\/\/[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/g;
  const isComment = (token: string) => token.startsWith('//') || /^\/\*.*\*\/$/s.test(token);
  const bare = text.replace(tokens, (token) => (isComment(token) ? blank(token) : token));
  return bare.replace(/"(?:[^"\\]|\\.)*"?|,\s*(?:[\]}])?/g, (token) =>
    /^,.*[\]}]$/s.test(token) ? ` ${token.slice(1)}` : token,
  );
}

/** How deep objects and arrays lie in one another in a JSON text, which need not be valid. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return deepest;
}
