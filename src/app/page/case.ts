/** The page of one incident: its case file and its approval requests. */
import type { HttpResponseInit } from '@azure/functions';
import { html } from '../../domain/builders/html.js';
import { briefing, headline } from '../../views/index.js';
import type { Case } from '../cases.js';
import { earlierRuns, timeline } from './audit-trail.js';
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
import { PAGE, page } from './layout.js';
import { stepsOf } from './steps.js';
import type { Viewer } from './viewer.js';

export interface CasePage extends Case {
  readonly now: number;
  readonly viewer: Viewer;
  readonly follow: boolean;
}

export function casePage({ file, alarms, problem, now, viewer, follow }: CasePage): HttpResponseInit {
  const brief = briefing(file);
  const requests = file.approvals.map(
    (request) =>
      html`<li><a href="${PAGE}/${request.id}">${request.purpose === 'undo' ? 'Undo, tier' : 'Tier'} ${request.tier}</a>: ${stateWords(request)}${request.state === 'waiting' ? `, ${timeLeft(request.expiresAt, now)}` : ''}</li>`,
  );
  return page({
    title: file.title,
    viewer,
    ...(follow && file.stage !== 'ended' ? { refresh: 3 } : {}),
    content: html`<div class="facts">${severityTag(file.severity)}<span>Incident ${file.number ?? 'without a number'}</span><strong>${headline(file)}</strong><span class="quiet">received ${time(file.receivedAt)}</span>${file.url?.startsWith('https://') ? html`<a href="${file.url}" rel="noopener noreferrer">Open in Sentinel</a>` : NOTHING}</div>
${file.stage === 'ended' ? NOTHING : autoRefresh(follow, now)}
${integrity({ alarms, problem })}
${section('Approval requests', requests.length === 0 ? undefined : html`<ul>${requests}</ul>`)}
${section('What happened', narrative(file, brief))}
${section('Supporting evidence', outcome(brief, file))}
${section('Responses', stepsOf(file))}
${section('Evidence', evidence(brief, file))}
${section('Not proposed', notProposed(file))}
${section('Earlier runs', earlierRuns(file))}
${section('Timeline', timeline(file))}`,
  });
}
