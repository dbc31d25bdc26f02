/** A link on which a client receives from a queue. */
import type { Delivery, EventContext, Sender } from 'rhea';
import { guidBytes, OutgoingLink, settleDelivery } from './amqp.js';
import { asBrokerError, notSupported } from './broker-errors.js';
import { DEFERRAL, encodeForReceiver } from './management-node.js';
import type { BrokerMessage } from './message-store.js';
import type { Queue } from './queue.js';
import type { Consumer, Disposition, Lock } from './queue-types.js';

/** snd-settle-mode of a client that receives settled messages. */
const SETTLED = 1;

export class LinkConsumer implements Consumer {
  readonly mode: 'peekLock' | 'receiveAndDelete';
  readonly #link: OutgoingLink;
  readonly #tokens = new Map<Delivery, string>();
  /** Messages that are being removed from disk before they are sent. */
  #reserved = 0;
  #open = true;

  constructor(
    readonly sender: Sender,
    private readonly queue: Queue,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.mode = sender.snd_settle_mode === SETTLED ? 'receiveAndDelete' : 'peekLock';
    this.#link = new OutgoingLink(sender);
    sender.on('sender_flow', () => {
      queue.pump();
      this.#answerDrain();
    });
    sender.on('sendable', () => queue.pump());
    sender.on('accepted', (context) => this.#settle(context, { kind: 'complete' }));
    sender.on('released', (context) => this.#settle(context, { kind: 'abandon', properties: {} }));
    sender.on('modified', (context) => this.#modify(context));
    sender.on('rejected', (context) => this.#settle(context, rejection(context)));
    queue.addConsumer(this);
  }

  hasCredit(): boolean {
    return this.#open && this.#link.credit > this.#reserved;
  }

  reserve(): void {
    this.#reserved += 1;
  }

  deliver(message: BrokerMessage, lock: Lock | undefined): void {
    if (lock === undefined) this.#reserved -= 1;
    if (!this.#open) return;
    const delivery = this.#link.send(
      encodeForReceiver(message, lock?.until),
      guidBytes(lock?.token ?? NO_LOCK),
    );
    if (lock !== undefined) this.#tokens.set(delivery, lock.token);
    this.#answerDrain();
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.queue.removeConsumer(this);
  }

  #answerDrain(): void {
    if (this.#link.draining && this.#reserved === 0) this.#link.endDrain();
  }

  #modify(context: EventContext): void {
    const { undeliverable_here: isDeferred, message_annotations: properties = {} } = stateOf(context);
    if (!isDeferred) this.#settle(context, { kind: 'abandon', properties });
    else if (context.delivery !== undefined) settleDelivery(context.delivery, notSupported(DEFERRAL));
  }

  #settle({ delivery }: EventContext, disposition: Disposition): void {
    const token = delivery === undefined ? undefined : this.#tokens.get(delivery);
    if (delivery === undefined || token === undefined) return;
    this.#tokens.delete(delivery);
    this.queue
      .settle(token, disposition)
      .then(
        () => undefined,
        (error: unknown) => asBrokerError(error),
      )
      .then((error) => {
        if (this.#open) settleDelivery(delivery, error);
      })
      .catch(this.onFailure);
  }
}

const NO_LOCK = '00000000-0000-0000-0000-000000000000';

interface RemoteState {
  readonly undeliverable_here?: boolean;
  readonly message_annotations?: Record<string, unknown>;
  readonly error?: { readonly condition?: string; readonly info?: Record<string, unknown> };
}
const stateOf = (context: EventContext): RemoteState => (context.delivery?.remote_state ?? {}) as RemoteState;

function rejection(context: EventContext): Disposition {
  const { DeadLetterReason, DeadLetterErrorDescription, ...properties } = stateOf(context).error?.info ?? {};
  return {
    kind: 'dead-letter',
    reason: typeof DeadLetterReason === 'string' ? DeadLetterReason : undefined,
    description: typeof DeadLetterErrorDescription === 'string' ? DeadLetterErrorDescription : undefined,
    properties,
  };
}
