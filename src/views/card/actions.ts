/** The buttons of a card for the decisions that are still possible. */

import type { ApprovalRequest } from '../../domain/approval.js';
import type { CaseView } from '../../domain/case-file.js';
import type { RequestView } from '../requests.js';
import { duration } from '../words/time.js';
import type { Action, CardData, CardVerb, Element, Execute, OpenUrl, ShowCard } from './elements.js';
import { type Lengths, undoChoices } from './steps.js';

export const REASON_INPUT = 'reason';
export const LONGEST_REASON = 500;

export interface CardTokens {
  readonly request: string;
  /** Token of the undo request, if there is one. */
  readonly undo?: string | undefined;
}
export interface CardLinks {
  /** URL of the request on the web page. */
  readonly page?: string | undefined;
}
export interface Buttons {
  readonly view: CaseView;
  readonly request: ApprovalRequest;
  readonly undo: ApprovalRequest | undefined;
  /** What the undo request asks for. */
  readonly asked: RequestView | undefined;
  readonly tokens: CardTokens;
  readonly links: CardLinks;
}

export function buttons(about: Buttons, lengths: Lengths): Action[] {
  const { request, undo, asked, view, links } = about;
  const decide = request.state === 'waiting' ? decisions(about) : [];
  const canUndo = undo?.state === 'waiting' && about.tokens.undo !== undefined && asked?.steps.length;
  const undoing = canUndo ? [undoCard(about, undo, asked, lengths)] : [];
  return [...decide, ...undoing, ...pointers(view.url, links.page)];
}

export function dataOf(request: ApprovalRequest, tok: string): CardData {
  return { v: 1, rid: request.id, rev: request.revision, tok };
}

function decisions({ request, tokens }: Buttons): Action[] {
  const data = dataOf(request, tokens.request);
  const left = request.extension.times - request.extensions.length;
  const approve = execute('approve', 'Approve selected', 'sentinel.approve', data, { style: 'positive' });
  const reject = showCard(
    'Reject…',
    [reason('Why is this rejected?', true)],
    execute('reject', 'Reject all', 'sentinel.reject', data, { style: 'destructive' }),
  );
  const title = `More time (${duration(request.extension.byMs)})`;
  const extend = left > 0 ? [execute('extend', title, 'sentinel.extend', data)] : [];
  return [approve, reject, ...extend];
}

function undoCard(
  { tokens }: Buttons,
  undo: ApprovalRequest,
  asked: RequestView,
  lengths: Lengths,
): ShowCard {
  return showCard(
    'Undo…',
    [undoChoices(asked, undo, lengths), reason('Why is this undone? (optional)', false)],
    execute('undo', 'Undo selected', 'sentinel.undo', dataOf(undo, tokens.undo ?? ''), {
      style: 'destructive',
    }),
  );
}

/** Links only: opening one decides nothing and requires a sign-in. */
function pointers(incident: string | undefined, page: string | undefined): OpenUrl[] {
  const open = (title: string, url: string | undefined): OpenUrl[] =>
    url !== undefined && /^https?:\/\/[^\s"'<>\\]{1,2000}$/.test(url)
      ? [{ type: 'Action.OpenUrl', title, url, mode: 'secondary' }]
      : [];
  // The incident URL comes from Sentinel and is shown only if it is a Microsoft portal.
  const known =
    /^https:\/\/(?:portal\.azure\.com|security\.microsoft\.com|portal\.azure\.us|security\.microsoft\.us)\//;
  return [
    ...open('Open incident', incident !== undefined && known.test(incident) ? incident : undefined),
    ...open('Decide in browser', page),
  ];
}

function execute(
  id: string,
  title: string,
  verb: CardVerb,
  data: CardData,
  more: Pick<Execute, 'style' | 'mode'> = {},
): Execute {
  return { type: 'Action.Execute', id, title, verb, data, ...more };
}

function showCard(title: string, body: readonly Element[], action: Execute): ShowCard {
  return {
    type: 'Action.ShowCard',
    title,
    card: { type: 'AdaptiveCard', version: '1.5', body, actions: [action] },
  };
}

function reason(label: string, required: boolean): Element {
  return {
    type: 'Input.Text',
    id: REASON_INPUT,
    label,
    isMultiline: true,
    maxLength: LONGEST_REASON,
    ...(required ? { isRequired: true, errorMessage: 'A rejection needs a reason' } : {}),
  };
}
