/** The page of one incident: its case file and its approval requests. */
import type { HttpResponseInit } from '@azure/functions';
import { html, type SafeHtml } from '../../domain/builders/html.js';
import { briefing, MANUAL_ACTIONS, timeLeft } from '../../views/index.js';
import type { Case } from '../cases.js';
import { earlierRuns, merges, timeline } from './audit-trail.js';
import { basis, evidence, manualActions, narrative } from './briefing.js';
import { autoRefresh, CLASSES, integrity, NOTHING, portalLink, section, tag, time } from './components.js';
import { PAGE, page } from './layout.js';
import { stepCards } from './steps.js';
import type { Viewer } from './viewer.js';

export interface CasePage extends Case {
  readonly now: number;
  readonly viewer: Viewer;
  readonly follow: boolean;
  /** The form to try again what is unfinished, or where that is possible. */
  readonly retry: SafeHtml | undefined;
}

export function casePage({ file, alarms, problem, now, viewer, follow, retry }: CasePage): HttpResponseInit {
  const brief = briefing(file);
  const { headline, isEnded, took } = brief;
  const requests = brief.requests.map(
    ({ id, name, state, isWaiting, expiresAt }) =>
      html`<li><a href="${PAGE}/${id}">${name}</a>: ${state.words}${isWaiting ? `, ${timeLeft(expiresAt, now)}` : ''}</li>`,
  );
  return page({
    title: brief.title,
    viewer,
    ...(follow && !isEnded ? { refresh: 3 } : {}),
    content: html`<div class="facts">${tag(brief.severity)}<span>${brief.name}</span><strong class="${CLASSES[headline.tone]}">${headline.words}</strong><span class="quiet">received ${time(brief.receivedAt)}${took === undefined ? NOTHING : html`, handled in ${took}`}</span>${portalLink(brief)}</div>
${isEnded ? NOTHING : autoRefresh(follow, now)}
${integrity({ alarms, problem })}
${retry ?? NOTHING}
${section('Approval requests', requests.length === 0 ? undefined : html`<ul>${requests}</ul>`)}
${section('What happened', narrative(brief))}
${section('Supporting evidence', basis(brief))}
${section('Responses', stepCards(brief.steps))}
${section(MANUAL_ACTIONS, manualActions(brief))}
${section('Evidence', evidence(brief))}
${section('Merged incidents', merges(brief))}
${section('Earlier runs', earlierRuns(brief))}
${section('Timeline', timeline(brief))}`,
  });
}
