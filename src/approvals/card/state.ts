/** What a card says of the state of its request, in one word, one sentence and a tone. */
import { type ApprovalRequest, currentVotes, type Decider } from '../../domain/approval.js';
import type { CaseView } from '../../domain/case-file.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import { carriedOut } from './carried-out.js';
import type { Tone } from './elements.js';
import { localDate, localTime, markdown } from './text.js';

export interface CardState {
  /** E.g. `Approval needed`; plain text of ours. */
  readonly word: string;
  readonly tone: Tone;
  /** Markdown. */
  readonly sentences: readonly string[];
}

const LONGEST_NAME = 80;
const LONGEST_REASON = 300;

export function stateOf(view: CaseView, request: ApprovalRequest): CardState {
  switch (request.state) {
    case 'waiting':
      return waiting(request);
    case 'approved':
      return carriedOut(view, request, [`Approved by ${votersOf(request)}.`, ...voided(request)].join(' '));
    case 'contained':
      return carriedOut(
        view,
        request,
        'Nobody decided in time. Policy says to contain: it is carried out for a limited time and then undone.',
      );
    case 'rejected':
      return { word: 'Rejected', tone: 'emphasis', sentences: [rejection(view, request), NOTHING_DONE] };
    case 'expired':
      return {
        word: 'Expired',
        tone: 'warning',
        sentences: [`Nobody decided before ${moment(request.expiresAt)}.`, NOTHING_DONE],
      };
    case 'superseded':
      return {
        word: 'Superseded',
        tone: 'emphasis',
        sentences: [
          view.error === undefined
            ? 'This question is gone: the incident was closed meanwhile.'
            : 'This question is gone: the incident could not be handled further. A person must look.',
          NOTHING_DONE,
        ],
      };
  }
}

const NOTHING_DONE = 'Nothing of what was asked for is carried out.';

function waiting(request: ApprovalRequest): CardState {
  const votes = currentVotes(request);
  const missing = request.approvalsNeeded - votes.length;
  const voted =
    votes.length === 0
      ? []
      : [
          `**${votes.length} of ${request.approvalsNeeded}** approved: ${votersOf(request)}. ${missing} more must approve exactly this selection.`,
        ];
  const escalated = request.escalations.map(
    ({ to, at }) => `Escalated to ${markdown(to, LONGEST_NAME)} at ${localTime(at)}.`,
  );
  const more = request.extensions.map(
    ({ by, expiresAt }) => `${nameOf(by)} asked for more time: until ${moment(expiresAt)}.`,
  );
  const reminded = request.reminders.at(-1);
  const reminder = reminded === undefined ? [] : [`Reminder of ${localTime(reminded)}: this still waits.`];
  const warnings = request.warnings.map((warning) => `Careful: ${markdown(warning, LONGEST_REASON)}`);
  return {
    word: votes.length > 0 ? `${votes.length} of ${request.approvalsNeeded} approved` : 'Approval needed',
    tone: 'attention',
    sentences: [...voted, ...voided(request), ...escalated, ...more, ...reminder, ...warnings],
  };
}

function voided(request: ApprovalRequest): string[] {
  return voidedVotes(request).map(({ text }) => markdown(text, LONGEST_REASON));
}

function rejection(view: CaseView, request: ApprovalRequest): string {
  const judged = view.decisions.find(
    ({ decision, verdict }) =>
      decision.requestId === request.id && verdict.accepted && decision.kind === 'reject',
  );
  if (judged === undefined) return 'Rejected.';
  const { by, reason, at } = judged.decision;
  const why = reason === undefined ? '' : ` Reason: ${markdown(reason, LONGEST_REASON)}`;
  return `Rejected by ${nameOf(by)} at ${localTime(at)}.${why}`;
}

function votersOf(request: ApprovalRequest): string {
  const names = currentVotes(request).map(({ by }) => nameOf(by));
  return names.length === 0 ? 'policy' : names.join(', ');
}

const CHANNELS: Readonly<Record<Decider['channel'], string>> = {
  teams: 'Teams',
  web: 'web page',
  http: 'HTTP',
  cli: 'command line',
  'service-bus': 'Service Bus',
};

function nameOf(by: Decider): string {
  return `${markdown(by.name, LONGEST_NAME)} \\(${CHANNELS[by.channel]}\\)`;
}

export function moment(iso: string): string {
  return `${localTime(iso)} on ${localDate(iso)}`;
}
