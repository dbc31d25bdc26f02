/** The activities that publish lifecycle events, and how a topic gets them: docs/lifecycle-events.md. */
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { createEventPublisher, type EventPublisher } from '../connectors/index.js';
import { type ErrorInfo, isMissingPermission, ResponderError, toErrorInfo } from '../domain/errors.js';
import { type IncidentOrigin, keyOfOrigin } from '../domain/incident-origin.js';
import { cloudEventType, type LifecycleEvent, lifecycleEventSchema } from '../domain/lifecycle-event.js';
import { PUBLISH_LATER } from '../orchestrator/index.js';
import type { ActivityHandlers } from './activity-handlers.js';
import { clock } from './clock.js';
import { logFailure } from './log-failure.js';
import { toResult } from './result.js';
import { sealer } from './sealing.js';
import { services } from './services.js';
import { connectorConfig, requireTenant, type Tenant, tenantOf } from './tenants.js';

/** Of the ids of instances that publish later. */
export const EVENTS_PREFIX = 'events-';

const built = new WeakMap<Tenant, EventPublisher>();

/** Undefined if the tenant has no topic, and in a replay. Recordings do not contain the calls. */
function publisherOf(tenant: Tenant): EventPublisher | undefined {
  const { eventTopic } = tenant.config;
  if (eventTopic === undefined || services().config.recordedExchanges !== undefined) return undefined;
  const { recordExchangesTo: _, ...connector } = connectorConfig(tenant.config);
  const publisher = built.get(tenant) ?? createEventPublisher(eventTopic, connector, { clock });
  built.set(tenant, publisher);
  return publisher;
}

/** Whether the events of an incident are published. */
export function publishesEvents(origin: IncidentOrigin): boolean {
  const tenant = tenantOf(origin);
  return tenant !== undefined && publisherOf(tenant) !== undefined;
}

/**
 * Publishes events of one tenant to its topic; nothing without one.
 * @throws ResponderError as RestClient throws them, `unknown-workspace`, `unknown-tenant`.
 */
async function publish(events: readonly LifecycleEvent[]): Promise<void> {
  const [tenant, ...others] = new Set(events.map(({ about }) => requireTenant(about.incident.origin)));
  if (others.length > 0) throw new Error('Events of several tenants cannot be published together.');
  if (tenant !== undefined) await publisherOf(tenant)?.publish(events.map(cloudEventOf));
}

interface Published {
  /** The first that occurred. */
  readonly error?: ErrorInfo;
  /** How many events the topic refuses for good. */
  readonly lost: number;
  /** What another attempt may publish. */
  readonly left: readonly LifecycleEvent[];
}

/** If the topic refuses a batch for good, each event is published alone: one that is invalid must not take along the others. */
async function publishSome(events: readonly LifecycleEvent[]): Promise<Published> {
  try {
    await publish(events);
    return { lost: 0, left: [] };
  } catch (thrown) {
    const error = toErrorInfo(thrown);
    if (!isFinal(error)) return { error, lost: 0, left: events };
    if (events.length === 1) return { error, lost: 1, left: [] };
  }
  let all: Published = { lost: 0, left: [] };
  for (const [i, event] of events.entries()) {
    const one = await publishSome([event]);
    const error = all.error ?? one.error;
    all = { ...(error ? { error } : {}), lost: all.lost + one.lost, left: [] };
    // The topic is unavailable now: the rest is published later.
    if (one.left.length > 0) return { ...all, left: events.slice(i) };
  }
  return all;
}

/** Source and id are those of the event, whatever the attempt and the settings: subscribers drop what they know. */
function cloudEventOf({ type, at, about, content }: LifecycleEvent) {
  const { publicUrl } = services().config;
  const { instanceId, generation, sequence, incident } = about;
  const links =
    publicUrl === undefined
      ? {}
      : { links: { case: `${publicUrl}/approvals/${encodeURIComponent(instanceId)}` } };
  return {
    id: `${instanceId}.${generation}.${sequence}`,
    source: 'urn:sentinel-responder',
    type: cloudEventType(type),
    subject: subjectOf(incident.origin),
    time: new Date(at),
    data: { ...about, ...links, ...content },
  };
}

/** The ARM id as Sentinel spells it, or the key of an incident of Defender. */
function subjectOf(origin: IncidentOrigin): string {
  return origin.kind === 'sentinel' ? origin.armId : keyOfOrigin(origin);
}

export const lifecycleActivities: Pick<ActivityHandlers, 'publishEvents' | 'publishAgain'> = {
  publishEvents: ({ events }, context) =>
    toResult(async () => {
      const { error, lost, left } = await publishSome(events);
      if (error === undefined) return { later: false };
      context.warn(`Lifecycle events were not published (${error.code}): ${error.message}`);
      await publishLater(left, context);
      const later = left.length > 0;
      return { error, later, ...(lost === 0 || lost === events.length ? {} : { lost }) };
    }),

  publishAgain: ({ message, instanceId }, context) =>
    toResult(async () => {
      const opened = sealer.open(message, { purpose: 'events', instanceId });
      if (!opened.ok) throw new ResponderError(NOT_OURS);
      const events = z.array(lifecycleEventSchema).parse(opened.content);
      const { error, left } = await publishSome(events);
      if (error === undefined) return {};
      context.warn(`${instanceId}: not published (${error.code}): ${error.message}`);
      // What has been published already is repeated with the same id.
      throw new ResponderError({ ...error, retry: left.length > 0 ? 'later' : 'no' });
    }),
};

/** A permission may be granted, and a topic created again. What the topic refuses as invalid, it will refuse again. */
function isFinal(error: ErrorInfo): boolean {
  return error.retry === 'no' && !isMissingPermission(error) && error.code !== 'not-found';
}

/** Starts the instance that publishes the events later. Its id follows from the events, so a repetition starts no second one. */
async function publishLater(events: readonly LifecycleEvent[], context: InvocationContext): Promise<void> {
  const [first] = events;
  if (first === undefined) return;
  const { generation, sequence } = first.about;
  const instanceId = `${EVENTS_PREFIX}${first.about.instanceId}.${generation}.${sequence}`;
  const input = sealer.seal(events, { purpose: 'events', instanceId, generation, sequence });
  try {
    const client = df.getClient(context);
    if (!(await exists(client, instanceId))) await client.startNew(PUBLISH_LATER, { instanceId, input });
  } catch (error) {
    logFailure(context, `Failed to start ${instanceId}`, error);
    throw new ResponderError(NOT_STORED);
  }
}

async function exists(client: df.DurableClient, instanceId: string): Promise<boolean> {
  try {
    await client.getStatus(instanceId, { showInput: false });
    return true;
  } catch (error) {
    // The client reports a missing instance only in the error message.
    if (error instanceof Error && error.message.includes('HTTP 404')) return false;
    throw error;
  }
}

const NOT_STORED: ErrorInfo = {
  code: 'not-stored',
  message: 'Neither the topic nor the storage of the app took the events.',
  fault: 'service',
  retry: 'later',
};

const NOT_OURS: ErrorInfo = {
  code: 'start-not-sealed',
  message: 'The responder did not start this instance; nothing was published.',
  fault: 'caller',
  retry: 'no',
  next: 'Find out who has the system key of the durable extension, and renew the key.',
};
