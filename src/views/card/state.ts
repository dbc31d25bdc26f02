/** The state of a request on its card: a short label, sentences and a tone. */
import { type ApprovalRequest, currentVotes, type Decider } from '../../domain/approval.js';
import type { CaseView } from '../../domain/case-file.js';
import { voidedVotes } from '../../domain/voided-votes.js';
import { carriedOut } from './carried-out.js';
import type { Tone } from './elements.js';
import { localDate, localTime, markdown } from './text.js';

export interface CardState {
  /** E.g. `Approval needed`; plain text that is safe without escaping. */
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
        'No decision in time. Policy requires temporary containment: the steps are carried out for a limited time, then undone.',
      );
    case 'rejected':
      return { word: 'Rejected', tone: 'emphasis', sentences: [rejection(view, request), NOTHING_DONE] };
    case 'expired':
      return {
        word: 'Expired',
        tone: 'warning',
        sentences: [`No decision by ${moment(request.expiresAt)}.`, NOTHING_DONE],
      };
    case 'superseded':
      return {
        word: 'Superseded',
        tone: 'emphasis',
        sentences: [
          view.error === undefined
            ? 'This request was superseded: the incident was closed.'
            : 'This request was superseded: the incident could not be handled further. Manual follow-up needed.',
          NOTHING_DONE,
        ],
      };
  }
}

const NOTHING_DONE = 'No step is carried out.';

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
    ({ by, expiresAt }) => `${nameOf(by)} extended the deadline to ${moment(expiresAt)}.`,
  );
  const reminded = request.reminders.at(-1);
  const reminder =
    reminded === undefined ? [] : [`Reminder sent at ${localTime(reminded)}: still waiting for a decision.`];
  const warnings = request.warnings.map((warning) => `Warning: ${markdown(warning, LONGEST_REASON)}`);
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
  const evaluated = view.decisions.find(
    ({ decision, outcome }) =>
      decision.requestId === request.id && outcome.accepted && decision.kind === 'reject',
  );
  if (evaluated === undefined) return 'Rejected.';
  const { by, reason, at } = evaluated.decision;
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
