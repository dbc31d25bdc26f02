/** Builds the card for the current state of a request. */
import { type CaseProblem, planProblem } from '../../approvals/index.js';
import type { CardMessage } from '../../connectors/teams/index.js';
import type { ApprovalRequest } from '../../domain/approval.js';
import type { CaseView } from '../../domain/case-file.js';
import { approvalCard, problemCard, summaryOf } from '../../views/card/index.js';
import { clock } from '../clock.js';
import { cardToken } from './card-token.js';
import type { TeamsSetup } from './setup.js';

export interface Shown {
  readonly view: CaseView;
  readonly request: ApprovalRequest;
  readonly undo: ApprovalRequest | undefined;
  /** Shown only to the person who clicked. */
  readonly notice?: string | undefined;
  /** Why the case file cannot be trusted. */
  readonly problem?: CaseProblem | undefined;
}

/** @param channelId Teams' id of the target channel. */
export function cardFor(
  { view, request, undo, notice, problem = planProblem(view) }: Shown,
  channelId: string,
  { cardKeys, publicUrl, tenantId, tenantName }: TeamsSetup,
): CardMessage {
  if (problem !== undefined)
    return { summary: summaryOf({ view, request }), card: problemCard(view, problem, tenantName) };
  const [key] = cardKeys;
  const token = (of: ApprovalRequest) => cardToken(of, { tenantId, channelId }, key);
  const page =
    publicUrl === undefined ? undefined : `${publicUrl}/approvals/${encodeURIComponent(request.id)}`;
  return {
    summary: summaryOf({ view, request }),
    card: approvalCard({
      view,
      request,
      undo,
      notice,
      tenant: tenantName,
      now: clock.now(),
      tokens: { request: token(request), undo: undo && token(undo) },
      links: { page },
    }),
  };
}
