/** Prints what files contain, as the intake reads it. */
import { readFileSync } from 'node:fs';
import { jsonPlace } from '../../domain/json-place.js';
import { type Normalised, normaliseBody } from '../../intake/index.js';
import { exitCodes } from '../exit-codes.js';
import { CliError, toProblem } from '../problem.js';
import { openTerminal, type Terminal } from '../terminal.js';
import { entityLines, incidentLines } from './lines.js';

export interface NormaliseOptions {
  readonly json?: boolean;
}

/** An export may be much larger than a delivery. */
const MAXIMUM_CHARACTERS = 256 * 1024 * 1024;
/** Codes of what is no JSON, or cannot be read to its end. */
const UNREADABLE = new Set(['malformed-json', 'too-deep', 'too-large', 'too-many-items']);

export function normalise(files: readonly string[], options: NormaliseOptions): void {
  const terminal = openTerminal({ json: options.json === true });
  process.exitCode = exitCodes.ok;
  for (const file of files) {
    try {
      const bytes = readFileSync(file === '-' ? 0 : file);
      for (const item of normaliseBody(bytes, MAXIMUM_CHARACTERS)) print(file, item, bytes, terminal);
    } catch (error) {
      const problem = toProblem(error);
      terminal.problem(problem);
      process.exitCode = problem.exitCode;
    }
  }
}

function print(file: string, item: Normalised, bytes: Uint8Array, terminal: Terminal): void {
  const name = file === '-' ? 'standard input' : file;
  const place = item.path === '' ? name : `${name}, at ${item.path}`;
  if (item.kind === 'other' && UNREADABLE.has(item.code)) {
    // A byte that is no UTF-8 becomes a character that JSON may contain in a text only.
    const at = item.code === 'malformed-json' && item.path === '' ? `${name}:${placeIn(bytes)}` : place;
    terminal.problem(new CliError(item.code, `${at}: ${item.reason}`, item.next).problem);
    process.exitCode = exitCodes.invalid;
    return;
  }
  if (terminal.json) terminal.data({ file, ...item });
  else if (item.kind === 'incident') {
    for (const line of incidentLines(place, item, terminal.paint)) terminal.line(line);
  } else {
    terminal.line(`${place}: ${item.reason} [${item.code}]`);
    for (const line of entityLines(item.entities ?? [])) terminal.line(line);
  }
}

const placeIn = (bytes: Uint8Array) => jsonPlace(new TextDecoder().decode(bytes));
