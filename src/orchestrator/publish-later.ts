/** The orchestration that publishes events later, because the topic did not take them. It outlives the run that they are about. */
import { sealedMessageSchema } from '../domain/sealed.js';
import type { ActivityInput } from './activities.js';
import type { Context, Steps } from './durable.js';
import { callWithRetries, type RetryPolicy } from './retry.js';
import type { Process } from './scheduler.js';
import { type Outbox, Waiting } from './waiting.js';

export const PUBLISH_LATER = 'publishLater';

/** A topic may be unavailable for a weekend: the pauses grow to an hour and add up to about three days. */
const OUTAGE: RetryPolicy = { attempts: 78, firstMs: 30_000, longestMs: 3_600_000 };

const NOTHING: Outbox = { isEmpty: true, send: () => undefined };

/** Ends with an error if the events could never be published: the list of failed instances shows it. */
export function* publishLater(ctx: Context): Steps<void> {
  const message = sealedMessageSchema.parse(ctx.df.getInput());
  const waiting = new Waiting(ctx);
  const { instanceId } = ctx.df;
  yield* waiting.run(publish(waiting, { message, instanceId }), NOTHING);
}

function* publish(waiting: Waiting, input: ActivityInput<'publishAgain'>): Process<void> {
  yield* waiting.sleep(OUTAGE.firstMs);
  const result = yield* callWithRetries(waiting, 'publishAgain', input, OUTAGE);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
}
