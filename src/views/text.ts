/** The case file as plain text, for terminals and logs. */
import type { CaseFile } from '../domain/case-file.js';
import { decisionLine, headline, presentEffect, requestAbout, stepState } from './phrases.js';

/**
 * One line for each timeline entry, `08:12:05  deciding  …`, with the date whenever it changes.
 * Removes control and text-direction characters: incident text must not control a terminal.
 */
export function renderTimeline(file: CaseFile): string {
  const width = Math.max(0, ...file.timeline.map(({ stage }) => stage.length));
  let date = '';
  const lines = file.timeline.flatMap(({ at, stage, text }) => {
    const [day = '', time = ''] = at.split('T');
    const line = `${time.slice(0, 8)}  ${stage.padEnd(width)}  ${plain(text)}`;
    if (day === date) return [line];
    date = day;
    return [day, line];
  });
  return `${lines.join('\n')}\n`;
}

/** Renders title, state, decision, steps with their effects, and the timeline. */
export function renderCase(file: CaseFile): string {
  const line = decisionLine(file);
  const number = file.number === undefined ? '' : ` ${file.number}`;
  const lines = [
    `Incident${number}: ${plain(file.title)}`,
    `State: ${headline(file)}`,
    ...(line === undefined ? [] : [`Decision: ${plain(line)}`]),
    ...(file.plan?.steps ?? []).map((step) => {
      const effect = file.effects.find(({ stepId }) => stepId === step.id);
      const proof = effect && presentEffect(effect).proof;
      const state = stepState(step, effect, requestAbout(step, file.approvals));
      return `  ${plain(step.title)} (${plain(step.target)}): ${state}${proof === undefined ? '' : `. ${plain(proof)}`}`;
    }),
    ...(file.plan?.refused ?? []).map(
      ({ title, target, reason }) => `  Not proposed: ${plain(title)} (${plain(target)}): ${plain(reason)}`,
    ),
  ];
  return `${lines.join('\n')}\n\n${renderTimeline(file)}`;
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}
