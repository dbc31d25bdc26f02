/**
 * The handshakes of event subscriptions. Event Grid sends an event with a code, senders of CloudEvents an OPTIONS call
 * with their origin. Both need the function key, so no one else can subscribe this endpoint to anything.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
 */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { json, problem } from '../problem.js';
import { services } from '../services.js';

const ORIGIN_HEADER = 'webhook-request-origin';

/** Only such a code is sent back, and as JSON: the answer cannot contain anything else of the call. */
const handshakeSchema = z.tuple([
  z.object({
    eventType: z.literal('Microsoft.EventGrid.SubscriptionValidationEvent'),
    data: z.object({ validationCode: z.string().regex(/^[\w-]{1,128}$/) }),
  }),
]);

/** The answer to Event Grid's handshake; undefined if the body is none. */
export function handshakeAnswer(text: string): HttpResponseInit | undefined {
  const event = handshakeSchema.safeParse(parse(text));
  return event.success ? json({ validationResponse: event.data[0].data.validationCode }) : undefined;
}

/** Whether Event Grid or another sender of CloudEvents delivers this call, and not a program that reads the answer. */
export function isEventDelivery({ headers }: HttpRequest): boolean {
  return (
    headers.has('aeg-event-type') ||
    headers.has(ORIGIN_HEADER) ||
    /^application\/cloudevents\b/i.test(headers.get('content-type') ?? '')
  );
}

/** Answers the handshake of senders of CloudEvents. A callback address in the call is never called. */
export async function allowOrigin({ headers }: HttpRequest): Promise<HttpResponseInit> {
  const origin = headers.get(ORIGIN_HEADER)?.trim().toLowerCase();
  if (origin === undefined || !services().config.webhookOrigins.includes(origin)) {
    return problem({
      status: 403,
      code: 'foreign-origin',
      detail: 'Events from this origin are not allowed, or the call names no origin.',
      next: 'Name the origin in the setting WEBHOOK_ORIGINS; for Event Grid it is eventgrid.azure.net.',
      place: ORIGIN_HEADER,
    });
  }
  return json({ allowedOrigin: origin }, 200, {
    allow: 'POST',
    'webhook-allowed-origin': origin,
    'webhook-allowed-rate': '*',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
