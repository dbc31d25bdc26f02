/**
 * The Service Bus and Event Grid triggers; each works without the other. Both use the same intake. A body that cannot
 * be used is stored, and reported to a queue: a Service Bus queue, or a queue in the host's storage.
 */
import { app, type EventGridEvent, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { INCIDENTS_QUEUE, SERVICE_BUS_CONNECTION } from './config.js';
import { receiveBody } from './deliveries.js';
import type { Problem } from './problem.js';
import { keepRejected } from './rejected/keep-rejected.js';
import { REJECTED_OUTPUTS } from './rejected/queues.js';
import { oneLine } from './setup.js';

/** Call it only if a namespace is configured: without its connection, the function would fail. */
export function registerServiceBusTrigger(): void {
  app.serviceBusQueue('intakeFromServiceBus', {
    connection: SERVICE_BUS_CONNECTION,
    queueName: INCIDENTS_QUEUE,
    cardinality: 'one',
    extraInputs: [df.input.durableClient()],
    extraOutputs: [REJECTED_OUTPUTS['service-bus']],
    // The host delivers a JSON body parsed and any other body as text, so the type is unknown.
    handler: (body: unknown, context) => take(body, 'service-bus', messageIdOf(context), context),
  });
}

export function registerEventGrid(): void {
  app.eventGrid('intakeFromEventGrid', {
    extraInputs: [df.input.durableClient()],
    extraOutputs: [REJECTED_OUTPUTS['event-grid']],
    // The data of a CloudEvent may be bytes in base64, under another name: then the whole event is read.
    handler: (event: EventGridEvent, context) => take(event.data ?? event, 'event-grid', event.id, context),
  });
}

/** Event Grid drops events that are answered with 4xx. A throw answers 500, so Event Grid retries, for a day by default. */
export function registerEventGridRefusal(problem: Problem): void {
  app.eventGrid('intakeFromEventGrid', {
    handler: () => {
      throw new Error(oneLine(problem));
    },
  });
}

/**
 * Completes the message or event once everything in it was started or stored.
 * @throws Error if that is not possible: the message or event is delivered again, and in the end dead-lettered.
 */
async function take(
  body: unknown,
  trigger: keyof typeof REJECTED_OUTPUTS,
  messageId: string | undefined,
  context: InvocationContext,
): Promise<void> {
  const received = await receiveBody(body, trigger, context, { messageId });
  for (const item of received) {
    if (item.kind !== 'rejected') context.log(`${item.instanceId}: ${item.kind}.`);
  }
  const notices = await keepRejected(body, received, { trigger, messageId }, context);
  if (notices.length > 0) context.extraOutputs.set(REJECTED_OUTPUTS[trigger], notices);
}

function messageIdOf(context: InvocationContext): string | undefined {
  const id = context.triggerMetadata?.messageId;
  return typeof id === 'string' ? id : undefined;
}
