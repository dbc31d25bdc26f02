/** The page of one approval request: the facts for the decision, the forms, and the outcome. */
import type { HttpResponseInit } from '@azure/functions';
import type { ApprovalRequest } from '../../domain/approval.js';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import type { CaseFile } from '../../domain/case-file.js';
import { type Briefing, briefing, MANUAL_ACTIONS, type RequestView, timeLeft } from '../../views/index.js';
import type { RequestedCase } from '../cases.js';
import { audit, earlierRuns, merges, timeline, votes } from './audit-trail.js';
import { basis, evidence, manualActions, narrative } from './briefing.js';
import {
  autoRefresh,
  CLASSES,
  integrity,
  NOTHING,
  phraseHtml,
  portalLink,
  section,
  tag,
  time,
} from './components.js';
import { decisionNotice, type Refusal } from './decision-notice.js';
import { formToken } from './form-token.js';
import { decisionDetails, decisionForms, type Entered } from './forms.js';
import { PAGE, page } from './layout.js';
import { stepCards } from './steps.js';
import type { Viewer } from './viewer.js';

export interface RequestPage extends Pick<RequestedCase, 'alarms' | 'problem'> {
  readonly file: CaseFile;
  readonly request: ApprovalRequest;
  /** The incident has a newer run, or its instance no longer exists: decisions can no longer be evaluated. */
  readonly over: boolean;
  readonly now: number;
  readonly viewer: Viewer;
  readonly follow: boolean;
  /** Why the decision just submitted was refused. */
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
  const asked = brief.requests.find(({ id }) => id === request.id);
  if (asked === undefined) throw new Error('The request is not part of the case file.');
  const decision = { ...parts, asked, token: formToken(formBinding(viewer.caller.session, request)) };
  return page({
    title: file.title,
    status: refusal?.status ?? 200,
    viewer,
    ...(follow && moving ? { refresh: pending ? 1 : 3 } : {}),
    content: html`${heading(brief, asked, now, open)}
${moving ? autoRefresh(follow, now) : NOTHING}
${warnings(parts, asked)}
${decisionNotice({ ...parts, pending })}
${open ? decisionForms(decision) : NOTHING}
${origin(asked)}
${section('What happened', narrative(brief))}
${section('Supporting evidence', basis(brief))}
${open && asked.purpose === 'undo' ? section('What was done', stepCards(asked.steps)) : NOTHING}
${open ? decisionDetails(decision) : section('Responses', stepCards(asked.steps))}
${section(MANUAL_ACTIONS, manualActions(brief))}
${section(request.approvalsNeeded > 1 ? `Approvals: ${asked.votes}` : 'Approvals', votes(request, now))}
${section('Evidence', evidence(brief))}
${section('Timeline', timeline(brief))}
${section('Audit', audit(file, request, parts.alarms))}
${section('Merged incidents', merges(brief))}
${section('Earlier runs', earlierRuns(brief))}
${section('The incident', others(brief, asked))}`,
  });
}

function warnings({ alarms, problem, over }: RequestPage, asked: RequestView): SafeHtml {
  const past = over
    ? html`<div class="card notice" role="alert"><p>This request belongs to an earlier run of the incident, which has ended.</p></div>`
    : NOTHING;
  const more = asked.warnings.map((warning) => html`<div class="card notice warn"><p>${warning}</p></div>`);
  return html`${integrity({ alarms, problem })}${past}${more}`;
}

/** The values that a form is bound to: session, request and revision. */
export function formBinding(
  session: string,
  { id, revision, planHash }: Pick<ApprovalRequest, 'id' | 'revision' | 'planHash'>,
): string[] {
  return [session, id, String(revision), planHash];
}

function isMoving({ stage, outcome }: CaseFile): boolean {
  return stage !== 'ended' && outcome === undefined;
}

function heading(brief: Briefing, asked: RequestView, now: number, open: boolean): SafeHtml {
  const { name, state, expiresAt, needs, votes: given, approvers } = asked;
  const left = open
    ? html`<strong>${timeLeft(expiresAt, now)}</strong><span class="quiet">until ${time(expiresAt)}</span>`
    : NOTHING;
  const more = open ? NOTHING : html`<p>${state.sentences.map((one) => html`${phraseHtml(one)} `)}</p>`;
  return html`<div class="facts">${tag(brief.severity)}<span>${brief.name}</span><strong class="${CLASSES[state.tone]}">${state.words}</strong>${left}${portalLink(brief)}</div>
<div class="facts"><span>${name}</span>${open ? html`<span>needs ${needs}, has ${given}; approvers: ${approvers}</span>` : NOTHING}</div>
${more}`;
}

/** When the request was made, and who submitted the incident. */
function origin({ requestedAt, submitter }: RequestView): SafeHtml {
  const by = submitter === undefined ? NOTHING : html`<span>submitted by: ${submitter}</span>`;
  return html`<div class="facts"><span class="quiet">requested ${time(requestedAt)}</span>${by}</div>`;
}

function others({ requests, instanceId }: Briefing, asked: RequestView): SafeHtml {
  const items = requests
    .filter(({ id }) => id !== asked.id)
    .map(({ id, name, state }) => html`<li><a href="${PAGE}/${id}">${name}</a>: ${state.words}</li>`);
  return html`<ul>${items}<li><a href="${PAGE}/${instanceId}">Full case</a></li></ul>`;
}
