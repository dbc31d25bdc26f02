/**
 * The queues that report rejected bodies. Each trigger uses a queue that needs no extension of another trigger. A message
 * names the stored body and the reason; it contains nothing of the body.
 */
import { output } from '@azure/functions';
import { REJECTED_QUEUE, SERVICE_BUS_CONNECTION } from '../config.js';
import type { IntakeTrigger } from '../intake.js';

/** For messages: a queue in the same namespace. */
const rejectedMessages = output.serviceBusQueue({
  queueName: REJECTED_QUEUE,
  connection: SERVICE_BUS_CONNECTION,
});

/** For events: a queue in the host's storage account, which every app has. */
const rejectedEvents = output.storageQueue({
  queueName: REJECTED_QUEUE,
  connection: 'AzureWebJobsStorage',
});

export const REJECTED_OUTPUTS = { 'service-bus': rejectedMessages, 'event-grid': rejectedEvents } as const;

export interface RejectedNotice {
  /** Id of the stored body: `responder rejected show <id>`. */
  readonly id: string;
  readonly code: string;
  readonly reason: string;
  readonly next: string;
  readonly path?: string;
  readonly trigger: IntakeTrigger;
  readonly messageId?: string;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly bytes: number;
}
