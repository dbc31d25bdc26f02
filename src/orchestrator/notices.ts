import type { ApprovalNotice } from '../approvals/index.js';
import type { ApprovalRequest } from '../domain/approval.js';
import type { ErrorInfo } from '../domain/errors.js';
import { now, type Steps } from './durable.js';
import type { Handling } from './handling.js';
import { pauseAfter, type RetryPolicy } from './retry.js';
import { runLegs } from './waiting.js';

/** A channel may be away for hours: what it missed comes later, as it then is. */
const RETRIES: RetryPolicy = { attempts: 100, firstMs: 5_000, longestMs: 300_000 };
/** Meanwhile nothing else is heard. */
const DEADLINE_MS = 30_000;
/** The strongest of several changes is told. */
const STRENGTH: readonly Change[] = ['changed', 'reminded', 'escalated', 'requested'];

type Change = ApprovalNotice['change'];
interface Pending {
  readonly change: Change;
  readonly nextAt: number;
  readonly failures: number;
}

/** Tells the channels what became of the requests. Only the newest state is told, and nobody waits for it. */
export class Notices {
  readonly #pending = new Map<string, Pending>();
  #silent = false;

  constructor(private readonly handling: Handling) {}

  /** Something about the request is new. An undo is shown with the request that it belongs to. */
  note(request: ApprovalRequest, change: Change = 'changed'): void {
    const shown = this.#shownFor(request);
    if (this.#silent || shown === undefined || shown.channels.length + shown.cards.length === 0) return;
    const before = this.#pending.get(shown.id);
    const stronger = before && STRENGTH.indexOf(before.change) > STRENGTH.indexOf(change);
    this.#pending.set(shown.id, {
      change: stronger ? before.change : change,
      // What could not be told a moment ago is not asked again for every click.
      nextAt: before !== undefined && before.failures > 0 ? before.nextAt : now(this.handling.ctx),
      failures: before?.failures ?? 0,
    });
  }

  /** When there is something to do next; undefined: nothing. */
  get nextAt(): number | undefined {
    const times = [...this.#pending.values()].map(({ nextAt }) => nextAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  *send(): Steps<void> {
    const { ctx, record } = this.handling;
    const due = [...this.#pending].filter(([, { nextAt }]) => nextAt <= now(ctx));
    const notices = due.flatMap(([id, { change }]) => this.#noticeOf(id, change) ?? []);
    for (const [id] of due) this.#pending.delete(id);
    const sent = yield* runLegs(
      ctx,
      'notifyApprovers',
      notices.map((notice) => ({ input: { notice }, deadlineMs: DEADLINE_MS })),
    );
    notices.forEach(({ request, change }, i) => {
      const result = sent[i];
      if (result === undefined) return;
      if (result.ok && !result.value.channels) {
        this.#silent = true;
        return;
      }
      if (result.ok) this.#keepCards(request, result.value.cards);
      const error = result.ok ? result.value.error : result.error;
      if (error === undefined) return;
      const failures = (due.find(([id]) => id === request.id)?.[1].failures ?? 0) + 1;
      if (failures === 1) record.add({ text: `The approvers could not be told: ${error.message}` });
      this.#again(request.id, change, failures, error);
    });
    if (this.#silent) this.#pending.clear();
  }

  #again(id: string, change: Change, failures: number, error: ErrorInfo): void {
    if (error.retry === 'no' || failures >= RETRIES.attempts) return;
    const nextAt = now(this.handling.ctx) + pauseAfter(failures, RETRIES, error);
    this.#pending.set(id, { change, nextAt, failures });
  }

  #keepCards(request: ApprovalRequest, cards: ApprovalRequest['cards']): void {
    const { record } = this.handling;
    const known = record.file.approvals.find(({ id }) => id === request.id)?.cards ?? [];
    if (JSON.stringify(known) === JSON.stringify(cards)) return;
    record.add({ approvals: [{ ...request, cards }] });
  }

  #noticeOf(id: string, change: Change): ApprovalNotice | undefined {
    const view = this.handling.record.view();
    const request = view.approvals.find((one) => one.id === id);
    const undo = view.approvals.find((one) => one.purpose === 'undo' && one.tier === request?.tier);
    return request && { view, request, undo, change };
  }

  #shownFor({ tier }: ApprovalRequest): ApprovalRequest | undefined {
    const { approvals } = this.handling.record.file;
    return approvals.find((one) => one.tier === tier && one.purpose === 'respond');
  }
}
