import type { ApprovalNotice } from '../approvals/index.js';
import type { ApprovalRequest } from '../domain/approval.js';
import type { ErrorInfo } from '../domain/errors.js';
import { now } from './durable.js';
import type { Handling } from './handling.js';
import type { Process } from './process.js';
import { pauseAfter, type RetryPolicy, wasInterrupted } from './retry.js';

/** A channel may be away for hours: what it missed comes later, as it then is. */
const RETRIES: RetryPolicy = { attempts: 100, firstMs: 5_000, longestMs: 300_000 };
/** The channel's own calls give up long before that; this is for a queue, or a host that ended. */
const WITHIN_MS = 10 * 60_000;
/** The strongest of several changes is shown. */
const STRENGTH: readonly Change[] = ['changed', 'reminded', 'escalated', 'requested'];

type Change = ApprovalNotice['change'];

/** Shows the channels what became of the requests. Only the newest state is shown, and nobody waits for it. */
export class Notices {
  readonly #news = new Map<string, Change>();
  /** Nothing is configured that could show a request. */
  #isSilent: boolean;

  constructor(
    private readonly handling: Handling,
    hasChannels: boolean,
  ) {
    this.#isSilent = !hasChannels;
  }

  /** Something about the request is new. An undo is shown with the request that it belongs to. */
  note(request: ApprovalRequest, change: Change = 'changed'): void {
    const shown = this.#shownFor(request);
    if (this.#isSilent || shown === undefined || shown.channels.length + shown.cards.length === 0) return;
    const before = this.#news.get(shown.id) ?? change;
    this.#news.set(shown.id, STRENGTH.indexOf(before) > STRENGTH.indexOf(change) ? before : change);
  }

  /** Shows one request, and whatever is new about it until all is over. */
  *show(request: ApprovalRequest, isOver: () => boolean): Process<void> {
    const { waiting, ctx } = this.handling;
    const { id } = request;
    this.note(request, 'requested');
    let failures = 0;
    for (;;) {
      yield* waiting.until(() => this.#news.has(id) || isOver());
      const notice = this.#noticeOf(id);
      if (notice === undefined || this.#isSilent) return;
      this.#news.delete(id);
      const error = yield* this.#send(notice);
      if (error === undefined) {
        failures = 0;
        continue;
      }
      failures += 1;
      // A restart is nothing that approvers miss anything by.
      if (failures === (wasInterrupted(error) ? 2 : 1)) {
        this.handling.record.add({ text: `The approvers could not be told: ${error.message}` });
      }
      if (error.retry === 'no' || failures >= RETRIES.attempts) continue;
      this.note(notice.request, notice.change);
      // What could not be shown a moment ago is not tried again for every click.
      yield* waiting.sleepUntil(now(ctx) + pauseAfter(failures, RETRIES, error));
    }
  }

  *#send(notice: ApprovalNotice): Process<ErrorInfo | undefined> {
    const result = yield* this.handling.waiting.call('notifyApprovers', { notice }, WITHIN_MS);
    if (!result.ok) return result.error;
    if (!result.value.channels) this.#isSilent = true;
    else this.#keepCards(notice.request.id, result.value.cards);
    return result.value.error;
  }

  #keepCards(id: string, cards: ApprovalRequest['cards']): void {
    const { record } = this.handling;
    const request = record.file.approvals.find((one) => one.id === id);
    if (request === undefined || JSON.stringify(request.cards) === JSON.stringify(cards)) return;
    record.add({ approvals: [{ ...request, cards }] });
  }

  #noticeOf(id: string): ApprovalNotice | undefined {
    const change = this.#news.get(id);
    const view = this.handling.record.view();
    const request = view.approvals.find((one) => one.id === id);
    if (change === undefined || request === undefined) return undefined;
    const undo = view.approvals.find((one) => one.purpose === 'undo' && one.tier === request.tier);
    return { view, request, undo, change };
  }

  #shownFor({ tier }: ApprovalRequest): ApprovalRequest | undefined {
    const { approvals } = this.handling.record.file;
    return approvals.find((one) => one.tier === tier && one.purpose === 'respond');
  }
}
