/** Output: data to stdout, problems to stderr, colour only if it is wanted. */
import { styleText } from 'node:util';
import type { Problem } from './problem.js';
import { stripControl } from './strip-control.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
/** A text in this style, or plain if colours are off. */
export type Paint = (style: Style, text: string) => string;

export interface Terminal {
  readonly json: boolean;
  /** True when a live display may redraw lines. */
  readonly live: boolean;
  readonly paint: Paint;
  /** One line on stdout. */
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
  return {
    json: options.json,
    live: !options.json && process.stdout.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI,
    paint,
    line: (text = '') => write(text),
    data: (value) => write(JSON.stringify(value)),
    problem: (problem) => process.stderr.write(`${describeProblem(problem, options.json, paint)}\n`),
  };
}

/** `error [code]: message` and the next step; one JSON line with `--json`. */
export function describeProblem(problem: Problem, json: boolean, paint: Paint): string {
  const { code, next } = problem;
  const message = problem.message.split('\n').map(stripControl).join('\n');
  if (json) return JSON.stringify({ kind: 'error', code, message, ...(next === undefined ? {} : { next }) });
  const first = `${paint('red', 'error')} [${code}]: ${message}`;
  return next === undefined ? first : `${first}\n  next: ${next}`;
}
