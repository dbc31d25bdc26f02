/** The comment on an incident of Defender: plain text, short, and the same as long as nothing that matters changes. */
import type { CaseView } from '../domain/case-file.js';
import { clip } from '../domain/clip.js';
import { visible } from '../domain/visible.js';
import { briefing } from './briefing.js';
import { phraseText } from './words/phrase.js';

/** See the action `xdr.comment`. */
const MAXIMUM = 900;
const LONGEST_LINE = 160;

/**
 * Comments cannot be changed, so each state gets one: waiting, handled, undone. It has no progress and no times that pass. The
 * lines that do not fit are left out, the least important first.
 */
export function renderShortComment(view: CaseView): string {
  const { headline, error, unfinished, warning, steps, manualActions, decisions, instanceId } =
    briefing(view);
  const end = `Details: ${instanceId}`;
  const lines = [
    `Sentinel Responder: ${headline.words}.`,
    ...(error === undefined ? [] : [`Error: ${error}`]),
    ...(unfinished === undefined ? [] : [unfinished]),
    ...(warning === undefined ? [] : [warning]),
    ...steps.map(({ title, target, state }) => `- ${title} (${target}): ${state.words}`),
    ...decisions.map((one) => `- ${phraseText(one)}`),
    ...manualActions.map(({ title, target }) => `- Manual action: ${title} (${target})`),
  ].map((line) => plain(clip(line, LONGEST_LINE)));
  let text = '';
  for (const line of lines) {
    if (text.length + line.length + end.length + 2 <= MAXIMUM) text += `${line}\n`;
  }
  return text + end;
}

/** Whether portals render markup in comments is not documented. */
function plain(line: string): string {
  return visible(line).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('\n', ' ');
}
