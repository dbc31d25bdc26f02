/**
 * The Service Bus and Event Grid triggers; each works without the other. Both use the same intake. A delivery that cannot
 * be used goes to a queue with the reason: a Service Bus queue, or a queue in the host's storage.
 */
import { app, type EventGridEvent, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { INCIDENTS_QUEUE, SERVICE_BUS_CONNECTION } from './config.js';
import { receiveBody } from './deliveries.js';
import { IncidentInstances } from './incident-instances.js';
import type { Problem } from './problem.js';
import {
  REJECTED_OUTPUTS,
  rejectedEvents,
  rejectedMessage,
  rejectedMessages,
} from './rejected-deliveries.js';
import { oneLine } from './setup.js';

/** Call it only if a namespace is configured: without its connection, the function would fail. */
export function registerServiceBusTrigger(): void {
  app.serviceBusQueue('intakeFromServiceBus', {
    connection: SERVICE_BUS_CONNECTION,
    queueName: INCIDENTS_QUEUE,
    cardinality: 'one',
    extraInputs: [df.input.durableClient()],
    extraOutputs: [rejectedMessages],
    // The host delivers a JSON body parsed and any other body as text, so the type is unknown.
    handler: (body: unknown, context) => take(body, 'service-bus', messageIdOf(context), context),
  });
}

export function registerEventGrid(): void {
  app.eventGrid('intakeFromEventGrid', {
    extraInputs: [df.input.durableClient()],
    extraOutputs: [rejectedEvents],
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

/** Completes the message or event, unless the durable extension is unavailable. */
async function take(
  body: unknown,
  trigger: keyof typeof REJECTED_OUTPUTS,
  messageId: string | undefined,
  context: InvocationContext,
): Promise<void> {
  const { output, largest } = REJECTED_OUTPUTS[trigger];
  const rejected: object[] = [];
  for (const received of await receiveBody(body, trigger, new IncidentInstances(context))) {
    if (received.kind === 'rejected') {
      rejected.push(rejectedMessage(received, trigger, body, largest, messageId));
      context.warn(`A delivery was rejected (${received.code}): ${received.reason}`);
    } else {
      context.log(`Incident ${received.instanceId}: ${received.kind}.`);
    }
  }
  if (rejected.length > 0) context.extraOutputs.set(output, rejected);
}

function messageIdOf(context: InvocationContext): string | undefined {
  const id = context.triggerMetadata?.messageId;
  return typeof id === 'string' ? id : undefined;
}
