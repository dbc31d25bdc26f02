/** The card for one request, in every state that it can be in: plain functions from data to Adaptive Card 1.5. */
import { currentVotes } from '../../domain/approval.js';
import { handedInBy } from '../../domain/handed-in.js';
import { type Buttons, buttons, dataOf } from './actions.js';
import { type AdaptiveCard, cell, type Element, heading, text, twoColumns } from './elements.js';
import { type Evidence, strongestSignals, unknowns } from './signals.js';
import { moment, stateOf } from './state.js';
import { choices, type Lengths, leftToPeople, results } from './steps.js';
import { duration, localTime, markdown, plain } from './text.js';

export interface CardInput extends Buttons {
  /** When it is written, in milliseconds since 1970 (UTC). */
  readonly now: number;
  /** What is told to the one who clicked, e.g. why it did not count. */
  readonly notice?: string | undefined;
}

/** Teams counts in UTF-16 and recommends 80 KB at most for the whole message. */
export const LARGEST_CARD_BYTES = 40 * 1024;

const LENGTHS: readonly Lengths[] = [
  { text: 300, steps: 15, evidence: 5 },
  { text: 160, steps: 10, evidence: 3 },
];
const SHORTEST: Lengths = { text: 80, steps: 6, evidence: 2 };

/** As much as fits into 40 KB: with many steps or long texts, less of each is shown. */
export function approvalCard(input: CardInput): AdaptiveCard {
  for (const lengths of LENGTHS) {
    const card = build(input, lengths);
    if (sizeOf(card) <= LARGEST_CARD_BYTES) return card;
  }
  return build(input, SHORTEST);
}

/** Bytes in UTF-16. */
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
      ...(waits ? verdict(input, lengths) : []),
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
    ...(request.handedIn ? [`Handed in by: ${markdown(handedInBy(request.handedIn), 200)}`] : []),
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
  return `${who}${request.fourEyes ? ', of different people' : ''}, ${time}`;
}

function whatHappened({ view }: CardInput, lengths: Lengths): Element[] {
  const [first] = view.alerts ?? [];
  const told = view.description ?? first?.title;
  return told === undefined || told === '' ? [] : [text(markdown(told, lengths.text))];
}

function verdict({ view }: CardInput, lengths: Lengths): Element[] {
  const playbook = view.decision?.playbook.title ?? view.plan?.playbook.title;
  const found = strongestSignals(view, Math.min(3, lengths.evidence));
  const missing = unknowns(view, Math.min(3, lengths.evidence));
  const row = (word: string, { text: told, about }: Evidence) =>
    [
      cell(text(word, { weight: 'Bolder' })),
      cell(
        text(markdown(told, lengths.text)),
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
    ...refused.map((one) => row('Left to you', one)),
  ];
  return [
    heading(playbook === undefined ? 'Why' : `Verdict: ${markdown(playbook, 120)}`),
    ...(rows.length === 0 ? [] : [twoColumns(['What', 'Finding'], rows)]),
  ];
}

function footer({ request }: CardInput): Element {
  return text(`Asked at ${moment(request.requestedAt)}, revision ${request.revision}`, {
    isSubtle: true,
    size: 'Small',
    separator: true,
  });
}
