/** The comment on the incident: findings, decisions, responses and proofs, for everyone who opens the incident. */
import { html, type SafeHtml } from '../domain/builders/html.js';
import type { CaseView } from '../domain/case-file.js';
import { clip } from '../domain/clip.js';
import { type Briefing, briefing } from './briefing.js';
import type { StepView } from './steps.js';
import { MANUAL_ACTIONS } from './words/case.js';
import { type Phrase, phraseText } from './words/phrase.js';

/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits allows 30,000 characters. */
const MAXIMUM = 29_000;
const LONGEST_TEXT = 400;
const MOST_ITEMS = 25;

/**
 * Renders the comment as the HTML subset that Sentinel preserves: headings, paragraphs, lists, emphasis. Omits sections
 * that would exceed the length limit, the least important first.
 */
export function renderComment(view: CaseView): string {
  const brief = briefing(view);
  const sections = [
    heading(brief),
    warnings(brief),
    list(
      'Merged incidents',
      brief.merges.map(({ text }) => html`<li>${short(text)}</li>`),
    ),
    list('Responses', brief.steps.map(response)),
    manualActions(brief),
    list(
      'Decisions',
      brief.decisions.map((one) => html`<li>${shortPhrase(one)}</li>`),
    ),
    list(
      'Could not be determined',
      brief.unknown.map(({ text, about }) => html`<li>${short(about)}: ${short(text)}</li>`),
    ),
    reasons(brief),
  ];
  let text = '';
  for (const section of sections) {
    if (section === undefined) continue;
    if (text.length + section.text.length > MAXIMUM) continue;
    text += section.text;
  }
  return text + footer(brief).text;
}

function heading({ headline, took, decision, error, unfinished, warning }: Briefing): SafeHtml {
  const time = took === undefined ? html`` : html` (${took})`;
  const why = decision === undefined ? html`` : html`<p>${short(decision)}</p>`;
  const broken = error === undefined ? html`` : html`<p>Error: ${short(error)}</p>`;
  const open = unfinished === undefined ? html`` : html`<p>${short(unfinished)}</p>`;
  const warns = warning === undefined ? html`` : html`<p>${short(warning)}</p>`;
  return html`<h3>Sentinel Responder: ${headline.words}${time}</h3>${why}${broken}${open}${warns}`;
}

function response(step: StepView): SafeHtml {
  const { title, target, state, found, unchecked, undoLabel, undo, isStarted } = step;
  const proof = state.proof === undefined ? html`` : html`. ${short(state.proof)}`;
  const warning = unchecked === undefined ? html`` : html` <em>${short(unchecked)}</em>`;
  const inForce = isStarted && state.tone !== 'over';
  const how = inForce ? html` <em>${undoLabel}: ${short(undo)}</em>` : html``;
  return html`<li><strong>${short(title)}</strong> (${short(target)}): ${state.words}${proof} <em>${short(found)}</em>${warning}${how}</li>`;
}

function manualActions({ manualActions: all }: Briefing): SafeHtml | undefined {
  return list(
    MANUAL_ACTIONS,
    all.map(
      ({ title, target, reason }) => html`<li>${short(title)} (${short(target)}): ${short(reason)}</li>`,
    ),
  );
}

/** Reasons why a request may never be approved, and votes that no longer count. */
function warnings({ requests }: Briefing): SafeHtml | undefined {
  const texts = requests.flatMap((request) => [
    ...request.voided,
    ...(request.isWaiting ? request.warnings : []),
  ]);
  return list(
    'The approval needs attention',
    texts.map((text) => html`<li>${short(text)}</li>`),
  );
}

function reasons({ conditions, builtIn }: Briefing): SafeHtml | undefined {
  const items = conditions
    .filter(({ result }) => result !== 'false')
    .map(({ title, result, words, values, because }) => {
      const read = values.map(([name, value]) => `${name} = ${value}`).join(', ');
      const why = result === 'unknown' ? because.join('; ') : read;
      return html`<li>${short(title)}: ${words.words} (${short(why)})</li>`;
    });
  const others = builtIn === undefined ? [] : [html`<li>${short(builtIn)}</li>`];
  return list('Why', [...items, ...others]);
}

function footer({ instanceId }: Briefing): SafeHtml {
  return html`<p><em>${instanceId}. This comment is updated in place.</em></p>`;
}

function list(title: string, items: readonly SafeHtml[]): SafeHtml | undefined {
  if (items.length === 0) return undefined;
  const more = items.length - MOST_ITEMS;
  const rest = more > 0 ? html`<li>and ${more} more</li>` : html``;
  return html`<h4>${title}</h4><ul>${items.slice(0, MOST_ITEMS)}${rest}</ul>`;
}

function short(text: string): string {
  return clip(text, LONGEST_TEXT);
}

function shortPhrase(all: Phrase): string {
  return short(phraseText(all));
}
