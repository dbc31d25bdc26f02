import type { ApprovalNotice } from '../approvals/index.js';
import type { ApprovalRequest } from '../domain/approval.js';
import type { ErrorInfo } from '../domain/errors.js';
import { now } from './durable.js';
import { pauseAfter, type RetryPolicy, wasInterrupted } from './retry.js';
import type { Process } from './scheduler.js';
import type { RunScope } from './scope.js';

/** A channel may be unavailable for hours. When it is back, it gets the newest state. */
const RETRIES: RetryPolicy = { attempts: 100, firstMs: 5_000, longestMs: 300_000 };
/** The channel's own calls time out much earlier. This covers a queue, or a host that stopped. */
const WITHIN_MS = 10 * 60_000;
/** Of several changes since the last notice, the last one in this list is shown. */
const PRIORITY: readonly Change[] = ['changed', 'reminded', 'escalated', 'requested'];

type Change = ApprovalNotice['change'];

/** Notifies the channels about changed requests. Only the newest state is sent, and no other process waits for it. */
export class ApprovalNotifier {
  readonly #pending = new Map<string, Change>();
  /** No channel is configured that can show a request. */
  #isSilent: boolean;

  constructor(
    private readonly scope: RunScope,
    hasChannels: boolean,
  ) {
    this.#isSilent = !hasChannels;
  }

  /** Queues a notice about a changed request. An undo request is shown on the card of the request that it belongs to. */
  queue(request: ApprovalRequest, change: Change = 'changed'): void {
    const shown = this.#shownFor(request);
    if (this.#isSilent || shown === undefined || shown.channels.length + shown.cards.length === 0) return;
    const before = this.#pending.get(shown.id) ?? change;
    this.#pending.set(shown.id, PRIORITY.indexOf(before) > PRIORITY.indexOf(change) ? before : change);
  }

  /** Sends notices about one request until `isOver` returns true. */
  *notify(request: ApprovalRequest, isOver: () => boolean): Process<void> {
    const { waiting, ctx } = this.scope;
    const { id } = request;
    this.queue(request, 'requested');
    let failures = 0;
    for (;;) {
      yield* waiting.until(() => this.#pending.has(id) || isOver());
      const notice = this.#noticeOf(id);
      if (notice === undefined || this.#isSilent) return;
      this.#pending.delete(id);
      const error = yield* this.#send(notice);
      if (error === undefined) {
        failures = 0;
        continue;
      }
      failures += 1;
      // One interruption, such as a restart, is not worth a line in the timeline.
      if (failures === (wasInterrupted(error) ? 2 : 1)) {
        this.scope.record.add({ text: `Failed to notify the approvers: ${error.message}` });
      }
      if (error.retry === 'no' || failures >= RETRIES.attempts) continue;
      this.queue(notice.request, notice.change);
      // After a failure, further changes wait for the pause, too.
      yield* waiting.sleepUntil(now(ctx) + pauseAfter(failures, RETRIES, error));
    }
  }

  *#send(notice: ApprovalNotice): Process<ErrorInfo | undefined> {
    const result = yield* this.scope.waiting.call('notifyApprovers', { notice }, WITHIN_MS);
    if (!result.ok) return result.error;
    if (!result.value.channels) this.#isSilent = true;
    else this.#recordCards(notice.request.id, result.value.cards);
    return result.value.error;
  }

  #recordCards(id: string, cards: ApprovalRequest['cards']): void {
    const { record } = this.scope;
    const request = record.file.approvals.find((one) => one.id === id);
    if (request === undefined || JSON.stringify(request.cards) === JSON.stringify(cards)) return;
    record.add({ approvals: [{ ...request, cards }] });
  }

  #noticeOf(id: string): ApprovalNotice | undefined {
    const change = this.#pending.get(id);
    const view = this.scope.record.view();
    const request = view.approvals.find((one) => one.id === id);
    if (change === undefined || request === undefined) return undefined;
    const { tier, planHash } = request;
    const undo = view.approvals.find(
      (one) => one.purpose === 'undo' && one.tier === tier && one.planHash === planHash,
    );
    return { view, request, undo, change };
  }

  #shownFor({ tier, planHash }: ApprovalRequest): ApprovalRequest | undefined {
    const { approvals } = this.scope.record.file;
    return approvals.find(
      (one) => one.tier === tier && one.planHash === planHash && one.purpose === 'respond',
    );
  }
}
