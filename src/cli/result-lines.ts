/** The result of an incident as lines of text. Pure. */
import type { CaseFile } from '../domain/case-file.js';
import { briefing, MANUAL_ACTION, OUTCOMES, type Tone } from '../views/index.js';
import { stripControl } from './strip-control.js';
import type { Style, Terminal } from './terminal.js';

const MARKS: Readonly<Record<Tone, readonly [Style, string]>> = {
  good: ['green', '✔'],
  busy: ['cyan', '…'],
  ask: ['yellow', '?'],
  warn: ['yellow', '!'],
  bad: ['red', '✖'],
  over: ['dim', '↩'],
};

/** The outcome, each started step with its proof, what is left to people, and the comment on the incident. */
export function resultLines(
  file: CaseFile,
  comment: string | undefined,
  { paint }: Pick<Terminal, 'paint'>,
): string[] {
  const { steps, manualActions, took, number, warning } = stripControl(briefing(file));
  const effects = steps
    .filter(({ isStarted }) => isStarted)
    .flatMap(({ action, target, state: { words, tone, proof } }) => {
      const [style, mark] = MARKS[proof === undefined && tone !== 'busy' ? 'bad' : tone];
      return [`  ${paint(style, mark)} ${action}  ${target}: ${words}`, `      proof: ${proof ?? 'none'}`];
    });
  const left = manualActions.map(
    ({ title, target, reason }) =>
      `  ${paint('yellow', '!')} ${MANUAL_ACTION}: ${title} (${target}): ${reason}`,
  );
  const about = `on incident #${number ?? '?'}`;
  const written =
    file.comment === undefined
      ? [`  no comment was written ${about}`]
      : [
          `  ${paint('green', '✔')} comment ${about}, id ${file.comment.id}, revision ${file.comment.revision}`,
          ...(comment === undefined
            ? []
            : comment.split('\n').map((line) => `      ${paint('dim', `| ${line}`)}`)),
        ];
  const outcome = file.outcome === undefined ? 'none' : OUTCOMES[file.outcome].words;
  const time = took === undefined ? '' : `, handled in ${took}`;
  const warns = warning === undefined ? [] : [`  ${paint('yellow', '!')} ${warning}`];
  return ['', `${paint('bold', 'result')}  ${outcome}${time}`, ...warns, ...effects, ...left, ...written];
}
