/**
 * What a publisher may send to a topic, in either schema.
 * https://learn.microsoft.com/azure/event-grid/event-schema and https://learn.microsoft.com/azure/event-grid/cloud-event-schema
 */
import { z } from 'zod';

/** One event as it will be delivered. */
export interface AcceptedEvent {
  readonly id: string;
  readonly schema: 'event-grid' | 'cloud-event';
  readonly json: string;
  readonly dataVersion: string | undefined;
}

const text = z.string().min(1);
const eventGridEvent = z.looseObject({
  id: text,
  subject: z.string(),
  eventType: text,
  eventTime: z.iso.datetime({ offset: true, local: true }),
  dataVersion: z.string().optional(),
});
const cloudEvent = z.looseObject({
  id: text,
  source: text,
  type: text,
  specversion: z.literal('1.0'),
  time: z.iso.datetime({ offset: true }).optional(),
});

/** A body that no event can be made of. */
export class InvalidEventsError extends Error {
  override readonly name = 'InvalidEventsError';
}

/**
 * Validates a request's body and adds the properties that the service adds: topic and metadataVersion.
 * @param contentType of the request; it determines the schema of the events.
 * @param topic resource id that is set on events of the Event Grid schema.
 * @throws InvalidEventsError with the event's index and the reason.
 */
export function parsePublishedEvents(body: string, contentType: string, topic: string): AcceptedEvent[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw new InvalidEventsError(`The request body is not JSON: ${(error as Error).message}`);
  }
  const cloud = contentType.toLowerCase().startsWith('application/cloudevents');
  const list = Array.isArray(parsed) ? parsed : cloud ? [parsed] : undefined;
  if (list === undefined) throw new InvalidEventsError('The request body must be an array of events.');
  return list.map((event, place) =>
    cloud ? acceptCloudEvent(event, place) : acceptEvent(event, place, topic),
  );
}

function acceptEvent(value: unknown, place: number, topic: string): AcceptedEvent {
  const event = check(eventGridEvent, value, place);
  return {
    id: event.id,
    schema: 'event-grid',
    json: JSON.stringify({ ...event, topic, metadataVersion: '1' }),
    dataVersion: event.dataVersion ?? '',
  };
}

function acceptCloudEvent(value: unknown, place: number): AcceptedEvent {
  const event = check(cloudEvent, value, place);
  return { id: event.id, schema: 'cloud-event', json: JSON.stringify(event), dataVersion: undefined };
}

function check<T>(schema: z.ZodType<T>, value: unknown, place: number): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the event'}: ${issue.message}`,
  );
  throw new InvalidEventsError(`Event ${place} is not valid. ${problems.join('; ')}.`);
}
