/** The host's endpoints: HTTP triggers, the admin API, webhooks, and timers. */

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveAdmin } from './admin/admin-api.js';
import { HOST_VERSION, type HostResources } from './host-resources.js';
import { BodyMemory } from './http/body-memory.js';
import { KeyRing } from './http/key-ring.js';
import { reply, replyChunked } from './http/reply.js';
import { RequestQueue } from './http/request-queue.js';
import { parseRequestUrl, type RequestUrl } from './http/request-url.js';
import type { Log } from './log.js';
import { withTimeout } from './real-time.js';
import { serveEventGridWebhook } from './triggers/event-grid-trigger.js';
import { indexFunctions } from './triggers/function-index.js';
import type { InputBinding } from './triggers/function-invoker.js';
import { FunctionInvoker } from './triggers/function-invoker.js';
import { serveHttp } from './triggers/http-trigger.js';
import { TimerTriggers } from './triggers/timer-trigger.js';
import type { AppWorker, LoadResult } from './worker/worker-types.js';

/** Something else that answers below a path, such as the durable management API. */
export interface Webhook {
  /** In lower case, without a slash at the end; matched in any case. */
  readonly path: string;
  /** The extension whose system key (or the master key) is required; without one no key is checked. */
  readonly extension?: string;
  /** Answers and returns true, or leaves the response alone and returns false (404). */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
}

/** What is known once the app is loaded. */
export interface LoadedApp {
  readonly loaded: LoadResult;
  readonly invoke: AppWorker['invoke'];
  readonly webhooks: readonly Webhook[];
  /** The data of an input binding that is no trigger (`durableClient`). */
  readonly inputBinding: InputBinding;
}

export interface HostEndpoints {
  /** Invokes functions with their retry policies; for other triggers of the host (Service Bus). */
  readonly invoker: FunctionInvoker;
  /** Names of the functions that are served: without an error and not switched off. */
  readonly indexed: ReadonlySet<string>;
  /** Why the host serves nothing, as the admin API reports it. */
  readonly hostError: string | undefined;
  /** Starts the timers. */
  startTimers(): void;
  /** Stops the timers, refuses new connections, and resolves when running calls have ended or after the given time. */
  drain(longestMs: number): Promise<void>;
}

/** How many bodies of the largest size are held at the same time, before others have to wait. */
const BODIES_AT_ONCE = 2.5;

const homePage = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Function app</title></head>
<body><h1>The function app is up and running</h1><p>See <a href="/admin/functions">/admin/functions</a> for its functions.</p></body></html>`;

const failureText = ({ stage, file, message }: Extract<LoadResult, { kind: 'failed' }>): string =>
  stage === 'entry'
    ? `Worker was unable to load entry point "${file ?? ''}": ${message}`
    : `Initializing worker process failed: ${message}`;

/** Starts the endpoints of a loaded app. Logs functions in error and ignored settings. */
export function startEndpoints(resources: HostResources, app: LoadedApp): HostEndpoints {
  const { options, settings, clock, httpListener, worker, onEvent } = resources;
  const { loaded, invoke, webhooks, inputBinding } = app;
  const log: Log = (level, category, message) =>
    onEvent({ kind: 'log', level, category, message, at: clock.now() });
  for (const note of settings.notes) log('warning', 'Host.Startup', note);

  const definitions =
    loaded.kind === 'loaded' && settings.hostError === undefined
      ? [...loaded.functions, ...loaded.faulty]
      : [];
  const functions = indexFunctions(definitions, settings);
  const hostError = settings.hostError ?? functions.hostError;
  if (hostError !== undefined)
    log('error', 'Host.Startup', `A host error has occurred during startup: ${hostError}`);
  for (const [name, error] of functions.errors)
    log('error', 'Host.Startup', `The '${name}' function is in error: ${error}`);
  if (loaded.kind === 'failed') log('critical', 'Worker', failureText(loaded));
  if (definitions.length === 0) log('warning', 'Host.Startup', 'No job functions found.');

  const invoker = new FunctionInvoker({
    invoke,
    clock,
    inputBinding,
    onEvent,
    log,
  });
  const indexed = hostError === undefined ? [...functions.indexed] : [];
  const keys = new KeyRing(resources.keys, options.authOff ?? true);
  const timers = new TimerTriggers({
    functions: indexed.filter(({ triggerKind }) => triggerKind === 'timerTrigger'),
    environment: settings.environment,
    clock,
    invoker,
    store: resources.keyValueStore.timers,
    log,
  });
  const { largestBody: maxBytes } = settings;
  const limits = { maxBytes, memory: new BodyMemory(BODIES_AT_ONCE * maxBytes) };
  const eventGrid = {
    limits,
    functions: indexed.filter(({ triggerKind }) => triggerKind === 'eventGridTrigger'),
    invoker,
  };
  const http = {
    functions,
    routePrefix: settings.routePrefix,
    keys,
    invoker,
    limits,
    onInvocationStart:
      loaded.kind === 'loaded' && loaded.enableHttpStream ? worker.onInvocationStart : undefined,
  };
  const hostId = createHash('sha256').update(settings.appDirectory).digest('hex').slice(0, 32);
  const hostName = new URL(httpListener.url).host;
  const admin = {
    settings,
    functions,
    keys,
    invoker,
    timers,
    limits,
    hostVersion: HOST_VERSION,
    hostId,
    hostName,
    stateDirectory: options.dataDirectory ?? settings.appDirectory,
    hostError,
    log,
  };

  const queue = new RequestQueue(settings.requestLimits);

  async function route(
    request: IncomingMessage,
    response: ServerResponse,
    url: RequestUrl,
  ): Promise<boolean> {
    const [first] = url.segments.map((part) => part.toLowerCase());
    if (first === 'admin') {
      addCustomHeaders(response);
      return serveAdmin(admin, request, response, url);
    }
    if (hostError !== undefined) {
      replyChunked(response, 503, 'Function host is not running.');
      return true;
    }
    const lower = url.path.toLowerCase();
    const webhook = webhooks.find(({ path }) => lower === path || lower.startsWith(`${path}/`));
    // Endpoints that the real host does not have at this port do not count against its limits.
    if (webhook !== undefined && webhook.extension === undefined) return webhook.handle(request, response);
    await queue.run(response, async () => {
      addCustomHeaders(response);
      const found = webhook
        ? !keys.authorise(request, response, url, webhook.extension) ||
          (await webhook.handle(request, response))
        : await serve(request, response, url);
      if (!found) reply(response, 404);
    });
    return true;
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    url: RequestUrl,
  ): Promise<boolean> {
    const [first, second, extension] = url.segments.map((part) => part.toLowerCase());
    if (first === 'runtime' && second === 'webhooks') {
      // A caller without a key must not learn which webhooks exist.
      if (extension !== 'eventgrid') return !keys.authorise(request, response, url, extension);
      if (keys.authorise(request, response, url, 'eventgrid'))
        await serveEventGridWebhook(eventGrid, request, response, url);
      return true;
    }
    if (await serveHttp(http, request, response, url)) return true;
    if (url.path !== '/') return false;
    if (options.redirectRootTo === undefined) reply(response, 200, { 'Content-Type': 'text/html' }, homePage);
    else reply(response, 302, { Location: options.redirectRootTo });
    return true;
  }

  function addCustomHeaders(response: ServerResponse): void {
    for (const [name, value] of Object.entries(settings.customHeaders)) response.setHeader(name, value);
  }

  httpListener.serve(async (request, response) => {
    const url = parseRequestUrl(request);
    if (!url) reply(response, 400);
    else if (!(await route(request, response, url))) reply(response, 404);
  });

  return {
    invoker,
    indexed: new Set(indexed.map(({ name }) => name)),
    hostError,
    startTimers: () => timers.start(),
    async drain(longestMs) {
      timers.stop();
      await withTimeout(longestMs, Promise.all([httpListener.close(), invoker.idle()]));
      httpListener.abort();
    },
  };
}
