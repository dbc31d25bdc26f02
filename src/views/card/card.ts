/** The card for one request in every state: pure functions from data to Adaptive Card 1.5. */
import { currentVotes } from '../../domain/approval.js';
import { type Briefing, briefing } from '../briefing.js';
import { type RequestView, requestView } from '../requests.js';
import { stepViews } from '../steps.js';
import type { Tone } from '../words/case.js';
import { capital } from '../words/labels.js';
import { requestWords } from '../words/request.js';
import { duration } from '../words/time.js';
import { type Buttons, buttons, dataOf } from './actions.js';
import { type AdaptiveCard, cell, type Element, heading, type Style, text, twoColumns } from './elements.js';
import { choices, type Lengths, manualAction, manualActions, results, small } from './steps.js';
import { localTime, markdown, moment, phraseMarkdown, plain } from './text.js';

export interface CardInput extends Omit<Buttons, 'asked'> {
  /** Time of rendering, in milliseconds since 1970 (UTC). */
  readonly now: number;
  /** Message to the person who clicked, e.g. why the decision was refused. */
  readonly notice?: string | undefined;
  /** Name of the tenant; undefined: there is only one. */
  readonly tenant?: string | undefined;
}

/** Teams counts UTF-16 bytes and recommends at most 80 KB for the whole message. */
export const LARGEST_CARD_BYTES = 40 * 1024;

const LENGTHS: readonly Lengths[] = [
  { text: 300, steps: 15, evidence: 5 },
  { text: 160, steps: 10, evidence: 3 },
];
const SHORTEST: Lengths = { text: 80, steps: 6, evidence: 2 };

/** A card of at most 40 KB: with many steps or long texts it shows fewer and shorter ones. */
export function approvalCard(input: CardInput): AdaptiveCard {
  for (const lengths of LENGTHS) {
    const card = build(input, lengths);
    if (sizeOf(card) <= LARGEST_CARD_BYTES) return card;
  }
  return build(input, SHORTEST);
}

/** Size in UTF-16 bytes. */
export function sizeOf(card: object): number {
  return JSON.stringify(card).length * 2;
}

/** One line for notifications and for clients that cannot show cards. */
export function summaryOf({ view, request }: Pick<CardInput, 'view' | 'request'>): string {
  return `${requestWords(view, request).words}: ${plain(view.title, 160)}`;
}

function build(input: CardInput, lengths: Lengths): AdaptiveCard {
  const { view, request, undo, tokens } = input;
  const brief = briefing(view);
  // The request of this notice may be newer than the one in the view.
  const steps = stepViews({ ...view, approvals: [request, ...view.approvals] });
  const asked = requestView(view, request, steps);
  const waits = asked.isWaiting;
  const refresh = {
    action: {
      type: 'Action.Execute',
      id: 'refresh',
      title: 'Refresh',
      verb: 'sentinel.refresh',
      data: dataOf(request, tokens.request),
    },
    userIds: [],
  } as const;
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    lang: 'en',
    fallbackText: summaryOf(input),
    msteams: { width: 'Full' },
    ...(waits ? { refresh } : {}),
    body: [
      header(input, brief, asked, lengths),
      ...whatHappened(brief, lengths),
      ...(waits ? basis(brief, lengths) : [heading('Responses')]),
      ...(waits ? choices(asked, request, lengths) : results(asked, lengths)),
      ...(waits || request.state === 'superseded' ? [] : manualActions(brief.manualActions, lengths)),
      footer(input),
    ],
    actions: buttons({ ...input, asked: undo && requestView(view, undo, steps) }, lengths),
  };
}

/** The colours of a card, by tone. */
const STYLES: Readonly<Record<Tone, Style>> = {
  good: 'good',
  busy: 'accent',
  ask: 'attention',
  warn: 'warning',
  bad: 'attention',
  over: 'emphasis',
};

const LONGEST_VALUE = 300;

function header(
  { request, now, notice, tenant }: CardInput,
  brief: Briefing,
  { state, name, submitter, isWaiting }: RequestView,
  lengths: Lengths,
): Element {
  const lines = [
    [...(tenant === undefined ? [] : [tenant]), brief.severity.words, brief.name, name]
      .map((part) => markdown(capital(part), 80))
      .join(' · '),
    ...(notice === undefined ? [] : [`**${markdown(notice, 300)}**`]),
    ...(isWaiting ? [wanted(request, now)] : []),
    ...(submitter === undefined ? [] : [`Submitted by: ${markdown(submitter, 200)}`]),
    ...state.sentences.map((sentence) => phraseMarkdown(sentence, LONGEST_VALUE)),
    ...(brief.warning === undefined ? [] : [`**${markdown(brief.warning, LONGEST_VALUE)}**`]),
    ...(brief.isEnded && brief.took !== undefined ? [`Handled in ${markdown(brief.took, 20)}`] : []),
  ];
  return {
    type: 'Container',
    style: STYLES[state.tone],
    bleed: true,
    items: [
      text(`${state.words}: ${markdown(brief.title, Math.min(lengths.text, 200))}`, {
        size: 'Large',
        weight: 'Bolder',
        style: 'heading',
      }),
      ...lines.map((line) => text(line, { spacing: 'Small' })),
    ],
  };
}

function wanted(request: CardInput['request'], now: number): string {
  const needed = request.approvalsNeeded;
  const open = needed - currentVotes(request).length;
  const who =
    needed === 1
      ? 'Needs **1** approver'
      : `Needs **${needed}** approvers${open < needed ? `, **${open}** more` : ''}`;
  const left = duration(Date.parse(request.expiresAt) - now);
  const time = `until ${moment(request.expiresAt)} \\(${left} left at ${localTime(new Date(now).toISOString())}\\)`;
  return `${who}${request.fourEyes ? ', each a different person' : ''}, ${time}`;
}

function whatHappened({ description, alerts }: Briefing, lengths: Lengths): Element[] {
  const summary = description ?? alerts[0]?.title;
  return summary === undefined || summary === '' ? [] : [text(markdown(summary, lengths.text))];
}

/** The basis of the proposal. */
function basis({ playbook, signals, unknown, manualActions: all }: Briefing, lengths: Lengths): Element[] {
  const most = Math.min(3, lengths.evidence);
  const row = (word: string, { text: finding, about }: { readonly text: string; readonly about: string }) =>
    [
      cell(text(word, { weight: 'Bolder' })),
      cell(text(markdown(finding, lengths.text)), ...small(about, lengths)),
    ] as const;
  const rows = [
    ...signals.slice(0, most).map((one) => row('Signal', one)),
    ...unknown.slice(0, most).map((one) => row('Unknown', one)),
    ...all.slice(0, lengths.evidence).map((one) => manualAction(one, lengths)),
  ];
  return [
    heading(playbook === undefined ? 'Why' : `Playbook: ${markdown(playbook, 120)}`),
    ...(rows.length === 0 ? [] : [twoColumns(['What', 'Finding'], rows)]),
  ];
}

function footer({ request }: CardInput): Element {
  return text(`Requested at ${moment(request.requestedAt)}, revision ${request.revision}`, {
    isSubtle: true,
    size: 'Small',
    separator: true,
  });
}
