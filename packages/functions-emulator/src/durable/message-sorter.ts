/** Puts what one sender sends to an entity into its order and drops what came twice, by the labels of the messages. */
import { NO_PREDECESSOR, type RequestMessage } from './turn/entity-messages.js';

/** The receive state of one sender. */
export interface ReceiveBuffer {
  /** The label of the last message that was delivered. */
  last: string;
  /** The sender's execution: a new one starts over. */
  execution: string | null;
  /** Messages whose predecessor has not arrived yet, by label. */
  waiting: RequestMessage[];
}

/** How long a gap is awaited; longer silence discards the sender's buffer. */
const WINDOW_MS = 30 * 60_000;

/**
 * Receives one message.
 * @param senders the receive buffers of all senders; modified.
 * @returns the messages that may be delivered now, in order.
 */
export function receiveInOrder(
  senders: Record<string, ReceiveBuffer>,
  message: RequestMessage,
): RequestMessage[] {
  const { parent, Timestamp: label } = message;
  // Clients and forwarded lock requests carry no label of this sender.
  if (parent === undefined || label === undefined || (message.pos ?? 0) > 0) return [message];
  const horizon = new Date(Date.parse(label) - WINDOW_MS).toISOString();
  forget(senders, horizon);
  const key = parent.toLowerCase();
  const execution = message.parentExecution ?? null;
  const known = senders[key];
  const delivered: RequestMessage[] = [];
  if (known !== undefined && known.execution !== execution) {
    delivered.push(...known.waiting);
    delete senders[key];
  }
  const sender = senders[key] ?? { last: NO_PREDECESSOR, execution, waiting: [] };
  senders[key] = sender;
  if (label <= sender.last) return delivered;
  // A predecessor older than the window is not awaited: its sender's buffer may be gone already.
  const predecessor = message.Predecessor ?? NO_PREDECESSOR;
  if (predecessor > sender.last && predecessor >= horizon) {
    if (sender.waiting.some((other) => other.Timestamp === label)) return delivered;
    sender.waiting.push(message);
    sender.waiting.sort((a, b) => ((a.Timestamp ?? '') < (b.Timestamp ?? '') ? -1 : 1));
    return delivered;
  }
  delivered.push(message);
  sender.last = label;
  for (
    let next = sender.waiting[0];
    next !== undefined && (next.Predecessor ?? NO_PREDECESSOR) <= sender.last;
    next = sender.waiting[0]
  ) {
    sender.waiting.shift();
    sender.last = next.Timestamp ?? sender.last;
    delivered.push(next);
  }
  return delivered;
}

function forget(senders: Record<string, ReceiveBuffer>, horizon: string): void {
  for (const [key, sender] of Object.entries(senders)) {
    if (sender.waiting.length === 0 && sender.last < horizon) delete senders[key];
  }
}
