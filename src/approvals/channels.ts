/** The port to where analysts see requests: a Teams channel, for one. Without any, requests wait on the page and the command line. */
import type { ApprovalRequest, PostedCard } from '../domain/approval.js';
import type { CaseView } from '../domain/case-file.js';
import type { ErrorInfo } from '../domain/errors.js';

export type { CaseView };

/** One request as it now stands, in the case that it belongs to (`view.approvals` holds all of them). */
export interface ApprovalNotice {
  readonly view: CaseView;
  /** With `cards`: those that stand already, which are to be brought up to date. */
  readonly request: ApprovalRequest;
  /** The request to undo what this one carried out, once there is one; shown on the same card. */
  readonly undo: ApprovalRequest | undefined;
  /**
   * What is new: `reminded` and `escalated` should reach people again (a reply in the thread, a post to the channel
   * that it was escalated to); everything else only changes the cards.
   */
  readonly change: 'requested' | 'changed' | 'reminded' | 'escalated';
}

export interface ChannelReport {
  /** All cards that stand now, the old ones among them. */
  readonly cards: readonly PostedCard[];
  /** Why not all is shown; with `retry` other than `no` the notice comes again, with the state of then. */
  readonly error?: ErrorInfo;
}

export interface ApprovalChannels {
  /** Shows it; safe to repeat. Gives `cards` as they came when the request names no channel. Does not throw. */
  show(notice: ApprovalNotice): Promise<ChannelReport>;
}
