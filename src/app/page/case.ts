/** All that is known of one incident, with the requests that were made about it. */
import type { HttpResponseInit } from '@azure/functions';
import { html } from '../../domain/builders/html.js';
import { briefing, headline } from '../../report/index.js';
import type { Case } from '../cases.js';
import { evidence, notProposed, story, verdict } from './briefing.js';
import { PAGE, page } from './layout.js';
import { following, integrity, NOTHING, section, severityTag, stateWords, time, timeLeft } from './parts.js';
import { earlierRuns, timeline } from './record.js';
import { stepsOf } from './steps.js';
import type { Visitor } from './visitor.js';

export interface CasePage extends Case {
  readonly now: number;
  readonly visitor: Visitor;
  readonly follow: boolean;
}

export function casePage({ file, alarms, trouble, now, visitor, follow }: CasePage): HttpResponseInit {
  const brief = briefing(file);
  const requests = file.approvals.map(
    (request) =>
      html`<li><a href="${PAGE}/${request.id}">${request.purpose === 'undo' ? 'Undo, tier' : 'Tier'} ${request.tier}</a>: ${stateWords(request)}${request.state === 'waiting' ? `, ${timeLeft(request.expiresAt, now)}` : ''}</li>`,
  );
  return page({
    title: file.title,
    visitor,
    ...(follow && file.stage !== 'ended' ? { refresh: 3 } : {}),
    content: html`<div class="facts">${severityTag(file.severity)}<span>Incident ${file.number ?? 'without a number'}</span><strong>${headline(file)}</strong><span class="quiet">received ${time(file.receivedAt)}</span>${file.url?.startsWith('https://') ? html`<a href="${file.url}" rel="noopener noreferrer">Open in Sentinel</a>` : NOTHING}</div>
${file.stage === 'ended' ? NOTHING : following(follow, now)}
${integrity({ alarms, trouble })}
${section('Requests', requests.length === 0 ? undefined : html`<ul>${requests}</ul>`)}
${section('What happened', story(file, brief))}
${section('What speaks for it', verdict(brief, file))}
${section('Responses', stepsOf(file))}
${section('Evidence', evidence(brief, file))}
${section('Not proposed', notProposed(file))}
${section('Handled before', earlierRuns(file))}
${section('Timeline', timeline(file))}`,
  });
}
