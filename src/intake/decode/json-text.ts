/** JSON in the forms of text in which queues, SDKs and exports deliver it. */
import { bytesOfBase64 } from './base64.js';
import { decodeText, withoutMark, withoutZeros } from './bytes.js';
import { framedContents } from './net-frame.js';

export interface Parsed {
  readonly value: unknown;
}

/** Parses JSON, rows of JSON, framed JSON, and base64 of these. Undefined: it is none of them. */
export function parseText(text: string): Parsed | undefined {
  const plain = withoutZeros(withoutMark(text)).trim();
  return parseDirect(plain) ?? parseBase64(plain);
}

/** Programs encode what their SDK encodes once more. */
const MOST_ENCODINGS = 2;

function parseBase64(text: string, encodings = 1): Parsed | undefined {
  const bytes = bytesOfBase64(text);
  if (bytes === undefined) return undefined;
  const inside = decodeText(bytes).trim();
  const more = encodings < MOST_ENCODINGS ? encodings + 1 : undefined;
  return parseDirect(inside) ?? (more === undefined ? undefined : parseBase64(inside, more));
}

function parseDirect(text: string): Parsed | undefined {
  const whole = parseJson(text) ?? parseRows(text);
  if (whole !== undefined) return whole;
  for (const content of framedContents(text)) {
    const parsed = parseJson(content);
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

function parseJson(text: string): Parsed | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Newline-delimited JSON: a list of its rows. A row that is not JSON stays text, so that it is rejected by itself. */
function parseRows(text: string): Parsed | undefined {
  const rows = text.split('\n').filter((row) => row.trim() !== '');
  if (rows.length < 2 || !rows.every((row) => /^\s*\{/.test(row))) return undefined;
  const parsed = rows.map(parseJson);
  // One object over several lines is no list of rows, even if a line of it is JSON.
  if (parsed[0] === undefined) return undefined;
  return { value: parsed.map((row, i) => (row === undefined ? rows[i] : row.value)) };
}
