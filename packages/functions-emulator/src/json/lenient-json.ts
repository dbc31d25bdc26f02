/** JSON as the real host's .NET reader accepts it: with comments and trailing commas. */

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
  // An unterminated string or comment extends to the end of the text: it is matched once and still fails to parse.
  const tokens = /"(?:[^"\\]|\\.)*"?|\/\/[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/g;
  const isComment = (token: string) => token.startsWith('//') || /^\/\*.*\*\/$/s.test(token);
  const bare = text.replace(tokens, (token) => (isComment(token) ? blank(token) : token));
  return bare.replace(/"(?:[^"\\]|\\.)*"?|,\s*(?:[\]}])?/g, (token) =>
    /^,.*[\]}]$/s.test(token) ? ` ${token.slice(1)}` : token,
  );
}

/**
 * The real host's error message for a text that is truncated inside objects but valid up to there; undefined for any
 * other error.
 */
export function truncationError(text: string): string | undefined {
  const bare = strict(text);
  const names: string[] = [];
  let depth = 0;
  let before = '';
  for (const [token] of bare.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}:]/g)) {
    if (token === '[' || token === ']') return undefined;
    if (token === '{') depth += 1;
    else if (token === '}') names.length = Math.max(0, --depth);
    else if (token === ':') names[depth - 1] = before.slice(1, -1);
    before = token;
  }
  const so = bare.trimEnd();
  if (depth < 1 || !isJson((so.endsWith(',') ? so.slice(0, -1) : so) + '}'.repeat(depth))) return undefined;
  const lines = text.split('\n');
  return `Newtonsoft.Json: Unexpected end of content while loading JObject. Path '${names.join('.')}', line ${lines.length}, position ${lines.at(-1)?.length}.`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The maximum nesting depth of a JSON text, which need not be valid. */
export function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return deepest;
}
