/** Publishing to a topic. https://learn.microsoft.com/azure/event-grid/cloud-event-schema */
import { z } from 'zod';
import { readBody } from '../../body.js';
import { ServiceError } from '../../errors.js';
import type { Route, RouteRequest, RouteResponse } from '../../router.js';
import { TOPIC } from './host.js';

/** Of one call. */
const MOST_BYTES = 1024 * 1024;
const BATCH = 'application/cloudevents-batch+json';

const text = z.string().min(1);
const eventSchema = z.looseObject({
  id: text,
  source: text,
  type: text,
  specversion: z.literal('1.0'),
  time: z.iso.datetime({ offset: true }).optional(),
});

/** All or nothing. An event that arrives again is another entry, as subscribers see it. */
function publish({ text: body, header, db }: RouteRequest): RouteResponse {
  if (header('content-type')?.split(';')[0] !== BATCH)
    throw new ServiceError(400, 'BadRequest', 'This topic takes batches of CloudEvents.');
  if (Buffer.byteLength(body) > MOST_BYTES)
    throw new ServiceError(413, 'RequestEntityTooLarge', 'The maximum size of 1048576 has been exceeded.');
  const events = readBody(body, z.array(eventSchema), 'BadRequest');
  const before = db.all('publishedEvents').length;
  for (const [i, event] of events.entries()) db.put('publishedEvents', { number: before + i + 1, event });
  return { status: 200 };
}

export const topicRoutes: readonly Route[] = [
  { host: TOPIC, method: 'POST', path: '/api/events', anyOf: ['EventGrid Data Sender'], handle: publish },
];
