/** One request: everything that is needed to decide about it, and what became of it. */
import type { HttpResponseInit } from '@azure/functions';
import { type ApprovalRequest, currentVotes, type DecisionKind } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import { handedInBy } from '../../domain/handed-in.js';
import { briefing } from '../../report/index.js';
import type { RequestedCase } from '../cases.js';
import { banner } from './banner.js';
import { evidence, notProposed, story, verdict } from './briefing.js';
import { formToken } from './form-token.js';
import { forms } from './forms.js';
import { PAGE, page } from './layout.js';
import { following, integrity, NOTHING, section, severityTag, stateWords, time, timeLeft } from './parts.js';
import { audit, earlierRuns, timeline, votes } from './record.js';
import { stepsOf } from './steps.js';
import type { Visitor } from './visitor.js';

/** Why what was just sent did not count. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}
/** What the person had filled in; it is not lost when it is refused. */
export interface Entered {
  readonly kind: DecisionKind;
  readonly steps: readonly string[];
  readonly reason: string;
}
export interface RequestPage extends Pick<RequestedCase, 'alarms' | 'trouble'> {
  readonly file: CaseFile;
  readonly request: ApprovalRequest;
  /** The incident is handled again, or its instance is gone: nobody is left to judge a decision. */
  readonly over: boolean;
  readonly now: number;
  readonly visitor: Visitor;
  readonly follow: boolean;
  readonly refusal?: Refusal;
  readonly entered?: Entered;
  /** Id of the decision that the page follows. */
  readonly justDecided?: string | undefined;
}

export function requestPage(parts: RequestPage): HttpResponseInit {
  const { file, request, now, visitor, refusal, justDecided, follow } = parts;
  const open = request.state === 'waiting' && !parts.over && parts.trouble === undefined;
  const pending =
    justDecided !== undefined && !file.decisions.some(({ decision }) => decision.id === justDecided);
  // A form must not lose what is typed into it.
  const moving = refusal === undefined && (pending || (!open && isMoving(file)));
  const brief = briefing(file);
  const token = formToken(formBinding(visitor.caller.session, request));
  return page({
    title: file.title,
    status: refusal?.status ?? 200,
    visitor,
    ...(follow && moving ? { refresh: pending ? 1 : 3 } : {}),
    content: html`${heading(file, request, now, open)}
${moving ? following(follow, now) : NOTHING}
${warnings(parts)}
${banner({ ...parts, pending })}
${section('What happened', story(file, brief))}
${section('What speaks for it', verdict(brief, file))}
${open && request.purpose === 'undo' ? section('What was done', stepsOf(file, request)) : NOTHING}
${open ? forms({ ...parts, token }) : section('Responses', stepsOf(file, request))}
${section(request.approvalsNeeded > 1 ? `Approvals: ${tally(request)}` : 'Approvals', votes(request, now))}
${section('Evidence', evidence(brief, file))}
${section('Not proposed', notProposed(file))}
${section('Timeline', timeline(file))}
${section('Audit', audit(file, request, parts.alarms))}
${section('Handled before', earlierRuns(file))}
${section('The incident', others(file, request))}`,
  });
}

function warnings({ alarms, trouble, over }: RequestPage): SafeHtml {
  const past = over
    ? html`<div class="card notice" role="alert"><p>This was asked in an earlier handling of the incident, which is over.</p></div>`
    : NOTHING;
  return html`${integrity({ alarms, trouble })}${past}`;
}

/** What a form is bound to: who was shown which request at which revision. */
export function formBinding(
  session: string,
  { id, revision, planHash }: Pick<ApprovalRequest, 'id' | 'revision' | 'planHash'>,
): string[] {
  return [session, id, String(revision), planHash];
}

/** `1 of 2`. */
export function tally(request: ApprovalRequest): string {
  return `${currentVotes(request).length} of ${request.approvalsNeeded}`;
}

function isMoving({ stage, outcome }: CaseFile): boolean {
  return stage !== 'ended' && outcome === undefined;
}

function heading(file: CaseFile, request: ApprovalRequest, now: number, open: boolean): SafeHtml {
  const { purpose, approvalsNeeded, fourEyes, expiresAt, tier } = request;
  const need = approvalsNeeded === 1 ? '1 approver' : `${approvalsNeeded} approvers`;
  const portal = file.url?.startsWith('https://')
    ? html`<a href="${file.url}" rel="noopener noreferrer">Open in Sentinel</a>`
    : NOTHING;
  const left = open
    ? html`<strong>${timeLeft(expiresAt, now)}</strong><span class="quiet">until ${time(expiresAt)}</span>`
    : NOTHING;
  return html`<div class="facts">${severityTag(file.severity)}<span>Incident ${file.number ?? 'without a number'}</span><strong>${stateWords(request)}</strong>${left}${portal}</div>
<div class="facts"><span>${purpose === 'undo' ? 'Undo, tier' : 'Tier'} ${tier}</span>${open ? html`<span>needs ${need}${fourEyes ? ' (four eyes)' : ''}, has ${tally(request)}; may approve: ${approverNames(request)}</span>` : NOTHING}<span class="quiet">asked ${time(request.requestedAt)}</span>${request.handedIn ? html`<span>handed in by: ${handedInBy(request.handedIn)}</span>` : NOTHING}</div>
${open ? asks(file, request) : NOTHING}
${request.warnings.map((warning) => html`<div class="card notice warn"><p>${warning}</p></div>`)}`;
}

/** Before any scrolling: what would happen to what. */
function asks({ plan }: CaseFile, { purpose, stepIds }: ApprovalRequest): SafeHtml {
  const steps = plan?.steps.filter(({ id }) => stepIds.includes(id)) ?? [];
  return html`<ul>${steps.map(
    ({ title, target, reversible }) =>
      html`<li><a href="#decide"><strong>${purpose === 'undo' ? 'Undo: ' : ''}${title}</strong>: ${target}</a>${purpose === 'undo' ? '' : reversible ? ', can be undone' : ', cannot be undone'}</li>`,
  )}</ul>`;
}

function approverNames({ approvers: { groups, people, automation } }: ApprovalRequest): string {
  return [...[...groups, ...people].map(({ name }) => name), ...automation].join(', ') || 'nobody';
}

function others(file: CaseFile, request: ApprovalRequest): SafeHtml | undefined {
  const items = file.approvals
    .filter(({ id }) => id !== request.id)
    .map(
      (other) =>
        html`<li><a href="${PAGE}/${other.id}">${other.purpose === 'undo' ? 'Undo, tier' : 'Tier'} ${other.tier}</a>: ${stateWords(other)}</li>`,
    );
  return html`<ul>${items}<li><a href="${PAGE}/${file.instanceId}">The whole case</a></li></ul>`;
}
