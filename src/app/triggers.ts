/**
 * The Service Bus and Event Grid triggers; each works without the other. Both use the same intake. A delivery that cannot
 * be used goes to a queue with the reason: a Service Bus queue, or a queue in the host's storage.
 */
import { app, type EventGridEvent, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { INCIDENTS_QUEUE, SERVICE_BUS_CONNECTION } from './config.js';
import { IncidentInstances } from './incident-instances.js';
import { acceptDelivery } from './intake.js';
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
    handler: (event: EventGridEvent, context) => take(event.data, 'event-grid', event.id, context),
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
  const intake = await acceptDelivery(body, trigger, new IncidentInstances(context));
  if (intake.kind === 'rejected') {
    const { output, largest } = REJECTED_OUTPUTS[trigger];
    context.extraOutputs.set(output, rejectedMessage(intake, trigger, body, largest, messageId));
    context.warn(`A delivery was rejected (${intake.code}): ${intake.reason}`);
  } else {
    context.log(`Incident ${intake.instanceId}: ${intake.kind}.`);
  }
}

function messageIdOf(context: InvocationContext): string | undefined {
  const id = context.triggerMetadata?.messageId;
  return typeof id === 'string' ? id : undefined;
}
