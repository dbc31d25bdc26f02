/** The card of a request as it now stands. */

import { approvalCard, cardToken, summaryOf, troubleCard } from '../../approvals/card/index.js';
import { type CaseTrouble, planTrouble } from '../../approvals/index.js';
import type { CardMessage } from '../../connectors/teams/index.js';
import type { ApprovalRequest } from '../../domain/approval.js';
import type { CaseView } from '../../domain/case-file.js';
import { clock } from '../clock.js';
import type { TeamsSetup } from './setup.js';

export interface Shown {
  readonly view: CaseView;
  readonly request: ApprovalRequest;
  readonly undo: ApprovalRequest | undefined;
  /** What is told to whoever clicked, and to nobody else. */
  readonly notice?: string | undefined;
  /** What is known to be wrong with the case file. */
  readonly trouble?: CaseTrouble | undefined;
}

/** @param channelId Teams' id of the channel that the card is for. */
export function cardFor(
  { view, request, undo, notice, trouble = planTrouble(view) }: Shown,
  channelId: string,
  { cardKeys, publicUrl }: TeamsSetup,
): CardMessage {
  if (trouble !== undefined)
    return { summary: summaryOf({ view, request }), card: troubleCard(view, trouble) };
  const [key] = cardKeys;
  const token = (of: ApprovalRequest) => cardToken(of, channelId, key);
  const page =
    publicUrl === undefined ? undefined : `${publicUrl}/approvals/${encodeURIComponent(request.id)}`;
  return {
    summary: summaryOf({ view, request }),
    card: approvalCard({
      view,
      request,
      undo,
      notice,
      now: clock.now(),
      tokens: { request: token(request), undo: undo && token(undo) },
      links: { page },
    }),
  };
}
