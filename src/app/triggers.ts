/**
 * The two doors for messages, each without the other. Both end in the same intake; what cannot be used goes to a queue
 * with its reason, one that the door's own extension or the host's storage has.
 */
import { app, type EventGridEvent, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { INCIDENTS_QUEUE, SERVICE_BUS_CONNECTION } from './config.js';
import { Instances } from './durable-client.js';
import { acceptDelivery } from './intake.js';
import type { Problem } from './problem.js';
import { PUT_ASIDE, rejectedEvents, rejectedMessage, rejectedMessages } from './rejected.js';
import { inOneLine } from './setup.js';

/** Only where a namespace is named: without its extension or its connection the function would be in error. */
export function registerServiceBusTrigger(): void {
  app.serviceBusQueue('intakeFromServiceBus', {
    connection: SERVICE_BUS_CONNECTION,
    queueName: INCIDENTS_QUEUE,
    cardinality: 'one',
    extraInputs: [df.input.durableClient()],
    extraOutputs: [rejectedMessages],
    // A body that is a JSON text arrives parsed, anything else as text: nothing about it is known yet.
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

/** Event Grid drops what is answered with 4xx; what throws is answered 500 and sent again, for a day by default. */
export function registerEventGridRefusal(problem: Problem): void {
  app.eventGrid('intakeFromEventGrid', {
    handler: () => {
      throw new Error(inOneLine(problem));
    },
  });
}

/** Completes the message or event in every case but one: the host could not be asked to start anything. */
async function take(
  body: unknown,
  door: keyof typeof PUT_ASIDE,
  messageId: string | undefined,
  context: InvocationContext,
): Promise<void> {
  const intake = await acceptDelivery(body, door, new Instances(context));
  if (intake.kind === 'rejected') {
    const { output, largest } = PUT_ASIDE[door];
    context.extraOutputs.set(output, rejectedMessage(intake, door, body, largest, messageId));
    context.warn(`A delivery was put aside (${intake.code}): ${intake.reason}`);
  } else {
    context.log(`Incident ${intake.instanceId}: ${intake.kind}.`);
  }
}

function messageIdOf(context: InvocationContext): string | undefined {
  const id = context.triggerMetadata?.messageId;
  return typeof id === 'string' ? id : undefined;
}
