/** Output: data to stdout, problems to stderr, colour only if it is wanted. */
import { styleText } from 'node:util';
import type { Problem } from './problem.js';
import { stripControl } from './strip-control.js';
import { wrap } from './wrap.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
/** A text in this style, or plain if colours are off. */
export type Paint = (style: Style, text: string) => string;

export interface Terminal {
  readonly json: boolean;
  /** True when a live display may redraw lines. */
  readonly live: boolean;
  readonly paint: Paint;
  /** Resolves when the reader of stdout, such as `head`, wants no more; later output is dropped. */
  readonly closed: Promise<void>;
  /** One line on stdout; on a terminal, as many as its width needs. */
  line(text?: string): void;
  /** One JSON value as a line on stdout. */
  data(value: unknown): void;
  problem(problem: Problem): void;
}

/** NO_COLOR and FORCE_COLOR as on https://no-color.org and https://force-color.org. */
export function wantsColour(
  environment: Readonly<Record<string, string | undefined>>,
  isTty: boolean,
): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR !== undefined) return environment.FORCE_COLOR !== '0';
  return isTty && environment.TERM !== 'dumb';
}

export function openTerminal(options: { readonly json: boolean }): Terminal {
  const colour = wantsColour(process.env, process.stdout.isTTY === true);
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const write = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  const closed = new Promise<void>((resolve) => onClosed(process.stdout, resolve));
  onClosed(process.stderr, () => undefined);
  return {
    json: options.json,
    live: !options.json && process.stdout.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI,
    paint,
    closed,
    line: (text = '') => write(fitTo(text, widthOfStream(process.stdout))),
    data: (value) => write(JSON.stringify(value)),
    problem: (problem) => {
      const text = describeProblem(problem, options.json, paint);
      process.stderr.write(`${fitTo(text, options.json ? undefined : widthOfStream(process.stderr))}\n`);
    },
  };
}

/** Undefined if the stream is not a terminal, or if that does not say its width. */
function widthOfStream(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY && stream.columns > 0 ? stream.columns : undefined;
}

/** What ends a line of a command that the next line continues, in the shells of this system. */
const continuation = process.platform === 'win32' ? undefined : ' \\';

function fitTo(text: string, columns: number | undefined): string {
  return text
    .split('\n')
    .flatMap((line) => wrap(line, columns, { continuation }))
    .join('\n');
}

function onClosed(stream: NodeJS.WriteStream, closed: () => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed();
  });
}

/** `error [code]: message` and the next step; one JSON line with `--json`. */
export function describeProblem(problem: Problem, json: boolean, paint: Paint): string {
  const { code, next } = problem;
  const message = problem.message.split('\n').map(stripControl).join('\n');
  if (json) return JSON.stringify({ kind: 'error', code, message, ...(next === undefined ? {} : { next }) });
  const first = `${paint('red', 'error')} [${code}]: ${message}`;
  return next === undefined ? first : `${first}\n  next: ${next}`;
}
