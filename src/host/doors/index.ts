/** The doors of the host: HTTP and its triggers, the admin API, the Event Grid webhook, timers. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { atMost } from '../clock.js';
import type { LoadResult } from '../worker/types.js';
import { serveAdmin } from './admin.js';
import { BodyMemory } from './body-memory.js';
import { Dispatcher } from './dispatcher.js';
import { serveEventGrid } from './event-grid.js';
import { examine } from './functions.js';
import { serveHttp } from './http-trigger.js';
import { KeyRing } from './keys.js';
import { reply, replyChunked } from './reply.js';
import { parseTarget, type Target } from './target.js';
import { RequestQueue } from './throttle.js';
import { memoryTimerStore, Timers } from './timers.js';
import type { DoorsOptions, Log } from './types.js';

export { isSwitchedOff } from './functions.js';
export { generateKeys } from './keys.js';
export { type Door, openDoor } from './server.js';
export { type AppSettings, readSettings } from './settings.js';
export type * from './types.js';

export interface Doors {
  /** Invokes functions with their retry policies; for other triggers of the host (Service Bus). */
  readonly dispatcher: Dispatcher;
  /** Names of the functions that are served: without an error and not switched off. */
  readonly served: ReadonlySet<string>;
  /** Why the host serves nothing, as the admin API says it. */
  readonly hostError: string | undefined;
  /** Starts the timers. */
  startTimers(): void;
  /** Stops the timers, refuses new connections, and resolves when what runs has ended or after the given time. */
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

/** Opens the doors of a loaded app. What is wrong with single functions, and what is not honoured, is logged. */
export function startDoors(options: DoorsOptions): Doors {
  const { settings, loaded, clock, door, onEvent } = options;
  const log: Log = (level, category, message) =>
    onEvent({ kind: 'log', level, category, message, at: clock.now() });
  for (const note of settings.notes) log('warning', 'Host.Startup', note);

  const definitions =
    loaded.kind === 'loaded' && settings.hostError === undefined
      ? [...loaded.functions, ...loaded.faulty]
      : [];
  const functions = examine(definitions, settings);
  const hostError = settings.hostError ?? functions.hostError;
  if (hostError !== undefined)
    log('error', 'Host.Startup', `A host error has occurred during startup: ${hostError}`);
  for (const [name, error] of functions.errors)
    log('error', 'Host.Startup', `The '${name}' function is in error: ${error}`);
  if (loaded.kind === 'failed') log('critical', 'Worker', failureText(loaded));
  if (definitions.length === 0) log('warning', 'Host.Startup', 'No job functions found.');

  const dispatcher = new Dispatcher({
    invoke: (request) => options.worker.invoke(request),
    clock,
    inputBinding: options.inputBinding,
    onEvent,
    log,
  });
  const served = hostError === undefined ? [...functions.served] : [];
  const keys = new KeyRing(options.keys, options.authOff);
  const timers = new Timers({
    functions: served.filter(({ triggerKind }) => triggerKind === 'timerTrigger'),
    environment: settings.environment,
    clock,
    dispatcher,
    store: options.timerStore ?? memoryTimerStore(),
    log,
  });
  const { largestBody: largest } = settings;
  const limits = { largest, memory: new BodyMemory(BODIES_AT_ONCE * largest) };
  const eventGrid = {
    limits,
    functions: served.filter(({ triggerKind }) => triggerKind === 'eventGridTrigger'),
    dispatcher,
  };
  const http = {
    functions,
    routePrefix: settings.routePrefix,
    keys,
    dispatcher,
    limits,
    watchStart: loaded.kind === 'loaded' && loaded.enableHttpStream ? options.worker.watchStart : undefined,
  };
  const hostId = createHash('sha256').update(settings.appDirectory).digest('hex').slice(0, 32);
  const { hostVersion, stateDirectory } = options;
  const hostName = new URL(door.url).host;
  const admin = {
    settings,
    functions,
    keys,
    dispatcher,
    timers,
    limits,
    hostVersion,
    hostId,
    hostName,
    stateDirectory,
    hostError,
    log,
  };

  const queue = new RequestQueue(settings.requestLimits);

  async function route(request: IncomingMessage, response: ServerResponse, target: Target): Promise<boolean> {
    const [first] = target.segments.map((part) => part.toLowerCase());
    if (first === 'admin') {
      addCustomHeaders(response);
      return serveAdmin(admin, request, response, target);
    }
    if (hostError !== undefined) {
      replyChunked(response, 503, 'Function host is not running.');
      return true;
    }
    const lower = target.path.toLowerCase();
    const mount = options.mounts?.find(({ path }) => lower === path || lower.startsWith(`${path}/`));
    // What the real host does not have at this port takes no part in its limits.
    if (mount !== undefined && mount.extension === undefined) return mount.handle(request, response);
    await queue.run(response, async () => {
      addCustomHeaders(response);
      const found = mount
        ? !keys.admits(request, response, target, mount.extension) || (await mount.handle(request, response))
        : await serve(request, response, target);
      if (!found) reply(response, 404);
    });
    return true;
  }

  async function serve(request: IncomingMessage, response: ServerResponse, target: Target): Promise<boolean> {
    const [first, second, extension] = target.segments.map((part) => part.toLowerCase());
    if (first === 'runtime' && second === 'webhooks') {
      // Who shows no key does not learn which webhooks there are.
      if (extension !== 'eventgrid') return !keys.admits(request, response, target, extension);
      if (keys.admits(request, response, target, 'eventgrid'))
        await serveEventGrid(eventGrid, request, response, target);
      return true;
    }
    if (await serveHttp(http, request, response, target)) return true;
    if (target.path !== '/') return false;
    reply(response, 200, { 'Content-Type': 'text/html' }, homePage);
    return true;
  }

  function addCustomHeaders(response: ServerResponse): void {
    for (const [name, value] of Object.entries(settings.customHeaders)) response.setHeader(name, value);
  }

  door.serve(async (request, response) => {
    const target = parseTarget(request);
    if (!target) reply(response, 400);
    else if (!(await route(request, response, target))) reply(response, 404);
  });

  return {
    dispatcher,
    served: new Set(served.map(({ name }) => name)),
    hostError,
    startTimers: () => timers.start(),
    async drain(longestMs) {
      timers.stop();
      await atMost(longestMs, Promise.all([door.close(), dispatcher.idle()]));
      door.abort();
    },
  };
}
