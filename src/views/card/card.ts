/** The card for one request in every state: pure functions from data to Adaptive Card 1.5. */
import { currentVotes } from '../../domain/approval.js';
import { describeSubmitter } from '../../domain/submission.js';
import { type Buttons, buttons, dataOf } from './actions.js';
import { type AdaptiveCard, cell, type Element, heading, text, twoColumns } from './elements.js';
import { type Evidence, strongestSignals, unknowns } from './signals.js';
import { moment, stateOf } from './state.js';
import { choices, type Lengths, leftToPeople, results } from './steps.js';
import { duration, localTime, markdown, plain } from './text.js';

export interface CardInput extends Buttons {
  /** Time of rendering, in milliseconds since 1970 (UTC). */
  readonly now: number;
  /** Message to the person who clicked, e.g. why the decision was refused. */
  readonly notice?: string | undefined;
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
  const { word } = stateOf(view, request);
  return `${word}: ${plain(view.title, 160)}`;
}

function build(input: CardInput, lengths: Lengths): AdaptiveCard {
  const { view, request, tokens } = input;
  const waits = request.state === 'waiting';
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
      header(input, lengths),
      ...whatHappened(input, lengths),
      ...(waits ? outcome(input, lengths) : []),
      ...(waits ? [] : [heading('Responses')]),
      ...(waits ? choices(view, request, lengths) : results(view, request, lengths)),
      ...(waits || request.state === 'superseded' ? [] : leftToPeople(view, lengths)),
      footer(input),
    ],
    actions: buttons(input, lengths),
  };
}

function header({ view, request, now, notice }: CardInput, lengths: Lengths): Element {
  const { word, tone, sentences } = stateOf(view, request);
  const number = view.number === undefined ? '' : ` · Incident ${markdown(view.number, 20)}`;
  const severity = view.severity === 'unknown' ? 'Severity unknown' : `Severity: **${view.severity}**`;
  const lines = [
    `${severity}${number} · tier ${markdown(request.tier, 60)}`,
    ...(notice === undefined ? [] : [`**${markdown(notice, 300)}**`]),
    ...(request.state === 'waiting' ? [wanted(request, now)] : []),
    ...(request.submission ? [`Submitted by: ${markdown(describeSubmitter(request.submission), 200)}`] : []),
    ...sentences,
  ];
  return {
    type: 'Container',
    style: tone,
    bleed: true,
    items: [
      text(`${word}: ${markdown(view.title, Math.min(lengths.text, 200))}`, {
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

function whatHappened({ view }: CardInput, lengths: Lengths): Element[] {
  const [first] = view.alerts ?? [];
  const summary = view.description ?? first?.title;
  return summary === undefined || summary === '' ? [] : [text(markdown(summary, lengths.text))];
}

function outcome({ view }: CardInput, lengths: Lengths): Element[] {
  const playbook = view.decision?.playbook.title ?? view.plan?.playbook.title;
  const found = strongestSignals(view, Math.min(3, lengths.evidence));
  const missing = unknowns(view, Math.min(3, lengths.evidence));
  const row = (word: string, { text: finding, about }: Evidence) =>
    [
      cell(text(word, { weight: 'Bolder' })),
      cell(
        text(markdown(finding, lengths.text)),
        ...(about === ''
          ? []
          : [text(markdown(about, 120), { isSubtle: true, size: 'Small', spacing: 'None' })]),
      ),
    ] as const;
  const refused = (view.plan?.refused ?? [])
    .slice(0, lengths.evidence)
    .map(({ title, target, reason }) => ({ text: `${title}: ${target}`, about: reason }));
  const rows = [
    ...found.map((signal) => row('Signal', signal)),
    ...missing.map((one) => row('Unknown', one)),
    ...refused.map((one) => row('Manual action', one)),
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
