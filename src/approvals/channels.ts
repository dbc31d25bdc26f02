/** The port to the channels that show requests, e.g. Teams. Without one, only the web page and the CLI show them. */
import type { ApprovalRequest, PostedCard } from '../domain/approval.js';
import type { CaseView } from '../domain/case-file.js';
import type { ErrorInfo } from '../domain/errors.js';

export type { CaseView };

/** The current state of one request, with its case (`view.approvals` contains all requests). */
export interface ApprovalNotice {
  readonly view: CaseView;
  /** Its `cards` are the posted cards, which must be updated. */
  readonly request: ApprovalRequest;
  /** The undo request for this request, if it exists; shown on the same card. */
  readonly undo: ApprovalRequest | undefined;
  /**
   * What changed. `reminded` and `escalated` must notify approvers again (a reply in the thread, a post to the channel
   * of the next tier); all other changes only update the cards.
   */
  readonly change: 'requested' | 'changed' | 'reminded' | 'escalated';
}

export interface ChannelReport {
  /** All posted cards, including the earlier ones. */
  readonly cards: readonly PostedCard[];
  /** Why not all cards are current. If `retry` is not `no`, the notice is repeated later with the state of that time. */
  readonly error?: ErrorInfo;
}

export interface ApprovalChannels {
  /** Shows the request; idempotent; never throws. Returns `cards` unchanged if the request names no channel. */
  show(notice: ApprovalNotice): Promise<ChannelReport>;
}
