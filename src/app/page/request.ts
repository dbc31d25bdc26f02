/** The page of one approval request: the facts for the decision, the forms, and the outcome. */
import type { HttpResponseInit } from '@azure/functions';
import { type ApprovalRequest, currentVotes, type DecisionKind } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import { describeSubmitter } from '../../domain/submission.js';
import { briefing } from '../../views/index.js';
import type { RequestedCase } from '../cases.js';
import { audit, earlierRuns, timeline, votes } from './audit-trail.js';
import { evidence, narrative, notProposed, outcome } from './briefing.js';
import {
  autoRefresh,
  integrity,
  NOTHING,
  section,
  severityTag,
  stateWords,
  time,
  timeLeft,
} from './components.js';
import { decisionNotice } from './decision-notice.js';
import { formToken } from './form-token.js';
import { forms } from './forms.js';
import { PAGE, page } from './layout.js';
import { stepsOf } from './steps.js';
import type { Viewer } from './viewer.js';

/** Why the decision just submitted was refused. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}
/** The submitted form values. The page keeps them when it refuses a decision. */
export interface Entered {
  readonly kind: DecisionKind;
  readonly steps: readonly string[];
  readonly reason: string;
}
export interface RequestPage extends Pick<RequestedCase, 'alarms' | 'problem'> {
  readonly file: CaseFile;
  readonly request: ApprovalRequest;
  /** The incident has a newer run, or its instance no longer exists: decisions can no longer be evaluated. */
  readonly over: boolean;
  readonly now: number;
  readonly viewer: Viewer;
  readonly follow: boolean;
  readonly refusal?: Refusal;
  readonly entered?: Entered;
  /** Id of the decision whose outcome the page waits for. */
  readonly justDecided?: string | undefined;
}

export function requestPage(parts: RequestPage): HttpResponseInit {
  const { file, request, now, viewer, refusal, justDecided, follow } = parts;
  const open = request.state === 'waiting' && !parts.over && parts.problem === undefined;
  const pending =
    justDecided !== undefined && !file.decisions.some(({ decision }) => decision.id === justDecided);
  // A refresh would discard text that is typed into a form.
  const moving = refusal === undefined && (pending || (!open && isMoving(file)));
  const brief = briefing(file);
  const token = formToken(formBinding(viewer.caller.session, request));
  return page({
    title: file.title,
    status: refusal?.status ?? 200,
    viewer,
    ...(follow && moving ? { refresh: pending ? 1 : 3 } : {}),
    content: html`${heading(file, request, now, open)}
${moving ? autoRefresh(follow, now) : NOTHING}
${warnings(parts)}
${decisionNotice({ ...parts, pending })}
${section('What happened', narrative(file, brief))}
${section('Supporting evidence', outcome(brief, file))}
${open && request.purpose === 'undo' ? section('What was done', stepsOf(file, request)) : NOTHING}
${open ? forms({ ...parts, token }) : section('Responses', stepsOf(file, request))}
${section(request.approvalsNeeded > 1 ? `Approvals: ${voteCount(request)}` : 'Approvals', votes(request, now))}
${section('Evidence', evidence(brief, file))}
${section('Not proposed', notProposed(file))}
${section('Timeline', timeline(file))}
${section('Audit', audit(file, request, parts.alarms))}
${section('Earlier runs', earlierRuns(file))}
${section('The incident', others(file, request))}`,
  });
}

function warnings({ alarms, problem, over }: RequestPage): SafeHtml {
  const past = over
    ? html`<div class="card notice" role="alert"><p>This request belongs to an earlier run of the incident, which has ended.</p></div>`
    : NOTHING;
  return html`${integrity({ alarms, problem })}${past}`;
}

/** The values that a form is bound to: session, request and revision. */
export function formBinding(
  session: string,
  { id, revision, planHash }: Pick<ApprovalRequest, 'id' | 'revision' | 'planHash'>,
): string[] {
  return [session, id, String(revision), planHash];
}

/** `1 of 2`. */
export function voteCount(request: ApprovalRequest): string {
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
<div class="facts"><span>${purpose === 'undo' ? 'Undo, tier' : 'Tier'} ${tier}</span>${open ? html`<span>needs ${need}${fourEyes ? ' (four eyes)' : ''}, has ${voteCount(request)}; approvers: ${approverNames(request)}</span>` : NOTHING}<span class="quiet">requested ${time(request.requestedAt)}</span>${request.submission ? html`<span>submitted by: ${describeSubmitter(request.submission)}</span>` : NOTHING}</div>
${open ? asks(file, request) : NOTHING}
${request.warnings.map((warning) => html`<div class="card notice warn"><p>${warning}</p></div>`)}`;
}

/** The proposed steps and their targets, visible without scrolling. */
function asks({ plan }: CaseFile, { purpose, stepIds }: ApprovalRequest): SafeHtml {
  const steps = plan?.steps.filter(({ id }) => stepIds.includes(id)) ?? [];
  return html`<ul>${steps.map(
    ({ title, target, reversible }) =>
      html`<li><a href="#decide"><strong>${purpose === 'undo' ? 'Undo: ' : ''}${title}</strong>: ${target}</a>${purpose === 'undo' ? '' : reversible ? ', can be undone' : ', cannot be undone'}</li>`,
  )}</ul>`;
}

function approverNames({ approvers: { groups, people, automation } }: ApprovalRequest): string {
  return [...[...groups, ...people].map(({ name }) => name), ...automation].join(', ') || 'no one';
}

function others(file: CaseFile, request: ApprovalRequest): SafeHtml | undefined {
  const items = file.approvals
    .filter(({ id }) => id !== request.id)
    .map(
      (other) =>
        html`<li><a href="${PAGE}/${other.id}">${other.purpose === 'undo' ? 'Undo, tier' : 'Tier'} ${other.tier}</a>: ${stateWords(other)}</li>`,
    );
  return html`<ul>${items}<li><a href="${PAGE}/${file.instanceId}">Full case</a></li></ul>`;
}
