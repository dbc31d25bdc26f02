/**
 * Event Grid topics of the embedded host, one for each function with an Event Grid trigger. Published events are stored
 * and delivered to the host's own webhook.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HostError } from '../errors.js';
import type { Clock, HostEvent } from '../types.js';
import { EventDelivery } from './event-delivery.js';
import { InvalidEventsError, parsePublishedEvents } from './event-schemas.js';
import { type DeadLetterEvent, type EventDatabase, EventStore } from './event-store.js';
import { isAuthorised } from './publisher-auth.js';

/** Limit of one request. https://learn.microsoft.com/azure/event-grid/quotas-limits */
const MAX_REQUEST_BYTES = 1_048_576;
const STOP_MS = 10_000;
/** Names of functions need no encoding. */
const PATH = /^\/eventgrid\/([^/]+)\/api\/events\/?$/i;

export interface EventGridTopicsOptions {
  readonly clock: Clock;
  readonly database: EventDatabase;
  /** `http://127.0.0.1:{port}` of the host. */
  readonly hostUrl: string;
  /** Names of the functions with an Event Grid trigger that are served. */
  readonly functions: readonly string[];
  /** What publishers show, base64. */
  readonly topicKey: string;
  /** System key of the Event Grid webhook. */
  readonly webhookKey: string;
  readonly onEvent: (event: HostEvent) => void;
}

export interface EventGridTopics {
  /** For `EventGridPublisherClient` with `allowInsecureConnection` and an `AzureKeyCredential`. */
  readonly topics: readonly { readonly functionName: string; readonly url: string; readonly key: string }[];
  /** Handler for `/eventgrid`. Returns true if the path is a topic's; otherwise the response is untouched. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Resumes the deliveries that were pending when the host last stopped. */
  start(): void;
  deadLetters(): readonly DeadLetterEvent[];
  /**
   * Waits for running deliveries, at most this many milliseconds. Undelivered events stay in the store; an aborted
   * delivery is repeated after the next start.
   */
  stop(longestMs?: number): Promise<void>;
}

export function createEventGridTopics(options: EventGridTopicsOptions): EventGridTopics {
  const { clock, hostUrl, functions, topicKey, webhookKey } = options;
  const store = new EventStore(options.database);
  const delivery = new EventDelivery({
    clock,
    store,
    webhook: (name) =>
      `${hostUrl}/runtime/webhooks/eventgrid?functionName=${name}&code=${encodeURIComponent(webhookKey)}`,
    onDeadLettered: (message) =>
      options.onEvent({ kind: 'log', level: 'error', category: 'Host.EventGrid', message, at: clock.now() }),
  });

  async function publish(functionName: string, body: string, contentType: string): Promise<void> {
    const events = parsePublishedEvents(body, contentType, resourceId(functionName));
    const now = clock.now();
    const pending = events.map((event) => {
      return { number: store.nextNumber(), functionName, event, publishedAt: now, attempts: 0, dueAt: now };
    });
    const release = clock.hold('event grid publish');
    try {
      await store.save(pending);
      for (const event of pending) delivery.add(event);
    } finally {
      release();
    }
  }

  return {
    topics: functions.map((functionName) => ({
      functionName,
      url: `${hostUrl}/eventgrid/${functionName}/api/events`,
      key: topicKey,
    })),

    async handle(request, response) {
      const { pathname } = new URL(request.url ?? '/', hostUrl);
      const wanted = PATH.exec(pathname)?.[1]?.toLowerCase();
      const functionName = functions.find((name) => name.toLowerCase() === wanted);
      if (functionName === undefined) return false;
      if (request.method !== 'POST') {
        response.setHeader('Allow', 'POST');
        replyError(response, 405, 'MethodNotAllowed', 'Events are published with POST.');
      } else if (!isAuthorised(request, pathname, topicKey, clock)) {
        replyError(
          response,
          401,
          'Unauthorized',
          'The key or token of the request is not valid for this topic.',
        );
      } else {
        await receive(request, response, functionName);
      }
      return true;
    },

    start() {
      for (const event of store.pending()) if (functions.includes(event.functionName)) delivery.add(event);
    },
    deadLetters: () => store.deadLetters(),
    stop: (longestMs = STOP_MS) => delivery.stop(longestMs),
  };

  async function receive(
    request: IncomingMessage,
    response: ServerResponse,
    functionName: string,
  ): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) {
      response.setHeader('Connection', 'close');
      replyError(
        response,
        413,
        'RequestEntityTooLarge',
        `A request may have at most ${MAX_REQUEST_BYTES} bytes.`,
      );
      return;
    }
    try {
      await publish(functionName, body, request.headers['content-type'] ?? '');
      response.writeHead(200, { 'Content-Length': '0' }).end();
    } catch (error) {
      if (error instanceof HostError) replyError(response, 503, error.code, error.message);
      else if (error instanceof InvalidEventsError) replyError(response, 400, 'BadRequest', error.message);
      else throw error;
    }
  }
}

/** Undefined when it is too large; the rest is not read then. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function replyError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ error: { code, message } }));
}

/** Made up: there is no such resource, but apps expect one in each event. */
const resourceId = (functionName: string): string =>
  `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.EventGrid/topics/${functionName}`;
