/** What queues, their senders and their receivers pass among themselves. */
import type { Clock } from '../types.js';
import type { MessageSections } from './message-codec.js';
import type { BrokerMessage, Change, MessageStore } from './message-store.js';

export interface QueueSettings {
  readonly maxDeliveryCount: number;
  readonly lockDurationMs: number;
}

/** Of a queue that is created without settings. https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement */
export const DEFAULT_QUEUE_SETTINGS: QueueSettings = { maxDeliveryCount: 10, lockDurationMs: 30_000 };

/** A message as its sender submitted it. */
export interface Incoming {
  readonly sections: MessageSections;
  readonly messageId: string;
  readonly timeToLive: number | undefined;
  readonly scheduledFor: number | undefined;
}

/** A message that is ready to be stored: its changes, and what makes it visible once they are durable. */
export interface PreparedMessage {
  readonly sequence: number;
  readonly changes: readonly Change[];
  readonly makeVisible: () => void;
}

/** A link of a client that receives. */
export interface Consumer {
  readonly mode: 'peekLock' | 'receiveAndDelete';
  /** Whether it has credit left. */
  hasCredit(): boolean;
  deliver(message: BrokerMessage, lock: Lock | undefined): void;
  /** A message is being removed from disk for it; it counts against the credit. */
  reserve(): void;
}

export interface Lock {
  readonly token: string;
  readonly message: BrokerMessage;
  readonly until: number;
}

export type Disposition =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly properties: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'dead-letter';
      readonly reason: string | undefined;
      readonly description: string | undefined;
      readonly properties: Readonly<Record<string, unknown>>;
    };

export interface QueueContext {
  readonly clock: Clock;
  readonly store: MessageStore;
  /** Called for a failed write that no caller awaits. */
  readonly onFailure: (error: unknown) => void;
}
