/** The two doors for messages. Both end in the same intake; what cannot be used goes to a queue with its reason. */
import { app, type EventGridEvent, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { INCIDENTS_QUEUE, SERVICE_BUS_CONNECTION } from './config.js';
import { Instances } from './durable-client.js';
import { acceptDelivery, type Door } from './intake.js';
import { rejectedMessage, rejectedQueue } from './rejected.js';

export function registerTriggers(): void {
  app.serviceBusQueue('intakeFromServiceBus', {
    connection: SERVICE_BUS_CONNECTION,
    queueName: INCIDENTS_QUEUE,
    cardinality: 'one',
    extraInputs: [df.input.durableClient()],
    extraOutputs: [rejectedQueue],
    // A body that is a JSON text arrives parsed, anything else as text: nothing about it is known yet.
    handler: (body: unknown, context) => take(body, 'service-bus', messageIdOf(context), context),
  });

  app.eventGrid('intakeFromEventGrid', {
    extraInputs: [df.input.durableClient()],
    extraOutputs: [rejectedQueue],
    handler: (event: EventGridEvent, context) => take(event.data, 'event-grid', event.id, context),
  });
}

/** Completes the message or event in every case but one: the host could not be asked to start anything. */
async function take(
  body: unknown,
  door: Door,
  messageId: string | undefined,
  context: InvocationContext,
): Promise<void> {
  const intake = await acceptDelivery(body, door, new Instances(context));
  if (intake.kind === 'rejected') {
    context.extraOutputs.set(rejectedQueue, rejectedMessage(intake, door, body, messageId));
    context.warn(`A delivery was put aside (${intake.code}): ${intake.reason}`);
  } else {
    context.log(`Incident ${intake.instanceId}: ${intake.kind}.`);
  }
}

function messageIdOf(context: InvocationContext): string | undefined {
  const id = context.triggerMetadata?.messageId;
  return typeof id === 'string' ? id : undefined;
}
