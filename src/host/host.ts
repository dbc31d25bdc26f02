/** Puts the parts of the host together: store, app, engine, doors, broker. */
import { randomBytes } from 'node:crypto';
import { trackInFlight, wallClock } from './clock.js';
import {
  type AppSettings,
  type Doors,
  generateKeys,
  openDoor,
  readSettings,
  startDoors,
} from './doors/index.js';
import { clientInputs } from './durable/client-input.js';
import { Engine } from './durable/engine.js';
import { managementApi } from './durable/management/api.js';
import { clientBinding, type Hub, rpcPath, WEBHOOK_PATH } from './durable/management/links.js';
import { Operations } from './durable/management/operations.js';
import { exportHistory } from './durable/replay.js';
import { HostError } from './errors.js';
import { createEventGridTopics, type EventGridTopics } from './eventgrid/index.js';
import { Kept } from './kept.js';
import { prepareServiceBus } from './servicebus/index.js';
import { openStore } from './store/store.js';
import type { Host, HostEvent, HostOptions } from './types.js';
import { type AppWorker, createAppWorker, type LoadResult } from './worker/index.js';

/** The version of the real host whose behaviour this one follows. */
const HOST_VERSION = '4.1037.0.0';
const DEFAULT_PORT = 7071;
const DEFAULT_SERVICE_BUS_PORT = 5672;
/** How long calls that are running may take to end when the host is stopped. */
const DRAIN_MS = 10_000;
/** The app has one thread: with more turns at once, requests would only wait longer to be accepted. */
const DEFAULT_ORCHESTRATORS = 16;
const DEFAULT_ACTIVITIES = 100;

/** What of host.json is honoured besides what the doors read. */
const HONOURED = [
  'extensions.durableTask.hubName',
  'extensions.durableTask.maxConcurrentActivityFunctions',
  'extensions.durableTask.maxConcurrentOrchestratorFunctions',
  'extensions.serviceBus',
];

/**
 * Starts the host and loads the app. What goes wrong inside of the app is reported as events, as the real host logs it.
 * @throws HostError `app-not-found`, `setting-invalid`, `port-in-use`, and `data-…` codes for the data directory.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const onEvent = (event: HostEvent): void => options.onEvent?.(event);
  const realClock = options.clock ?? wallClock();
  const { clock, idle } = trackInFlight(realClock);
  const log = (level: 'error' | 'critical', message: string): void =>
    onEvent({ kind: 'log', level, category: 'Host', message, at: clock.now() });

  const ends: (() => Promise<void> | void)[] = [];
  const undo = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const settings = readSettings(options.appDirectory, process.env, options.settings ?? {}, HONOURED);
    const store = openStore(options.dataDirectory, options.introspection, (error) =>
      log('critical', error.message),
    );
    ends.push(() => store.close());
    const kept = new Kept(store);
    const keys = await kept.keys(generateKeys);
    const door = await openDoor(options.port ?? DEFAULT_PORT);
    ends.push(() => door.close());

    const sharedClock = shareClock();
    const time = new Float64Array(sharedClock);
    time[0] = realClock.kind === 'virtual' ? realClock.now() : Number.NaN;
    ends.push(
      realClock.onJump((from, to) => {
        time[0] = to;
        onEvent({ kind: 'clock-jumped', from, to });
      }),
    );

    const serviceBus = await prepareServiceBus({
      clock,
      database: store,
      settings: settings.environment,
      hostJson: settings.hostJson,
      port: options.serviceBusPort ?? DEFAULT_SERVICE_BUS_PORT,
      // Kept, so that a connection string works again after a restart.
      accessKey: await kept.secret('service-bus', () => randomBytes(32).toString('base64')),
      onEvent,
    });
    const stopServiceBus = once(() => serviceBus.stop());
    ends.push(stopServiceBus);

    const worker = createAppWorker({
      appDirectory: settings.appDirectory,
      environment: {
        ...settings.environment,
        ...serviceBus.settings,
        WEBSITE_HOSTNAME: `127.0.0.1:${door.port}`,
      },
      hostVersion: HOST_VERSION,
      functionTimeoutMs: settings.functionTimeoutMs,
      onLog: ({ level, category, message }) =>
        onEvent({ kind: 'log', level, category, message, at: clock.now() }),
      // The real host's process ends here; this one closes its doors.
      onGiveUp: (message) => {
        log('critical', message);
        void undo();
      },
      sharedClock,
    });
    ends.push(() => worker.stop());
    const loaded = await loadApp(worker, settings);
    const functions = loaded.kind === 'loaded' ? loaded.functions : [];
    const invoke = serviceBus.withOutputs((request) => worker.invoke(request));

    const durable = section(section(settings.hostJson, 'extensions'), 'durableTask');
    const hub: Hub = {
      name: typeof durable.hubName === 'string' ? durable.hubName : 'TestHubName',
      connection: 'Storage',
      key: keys.extensions.durabletask ?? keys.master,
    };
    const rpc = rpcPath();
    const binding = clientBinding(door.url, hub, rpc);
    const withClientInputs = clientInputs(functions, binding);
    const engine = new Engine({
      store,
      clock,
      functions,
      invoke: (request) => invoke(withClientInputs(request)),
      onEvent,
      introspection: options.introspection,
      maxOrchestrators: count(durable.maxConcurrentOrchestratorFunctions, DEFAULT_ORCHESTRATORS),
      maxActivities: count(durable.maxConcurrentActivityFunctions, DEFAULT_ACTIVITIES),
    });
    ends.push(() => engine.stop(DRAIN_MS));
    const management = { operations: new Operations(engine), hub, clock };

    let topics: EventGridTopics | undefined;
    const doors: Doors = startDoors({
      door,
      settings,
      loaded,
      worker: { invoke, watchStart: worker.watchStart },
      clock,
      keys,
      authOff: options.authOff ?? true,
      hostVersion: HOST_VERSION,
      stateDirectory: options.dataDirectory ?? settings.appDirectory,
      mounts: [
        { path: WEBHOOK_PATH, extension: 'durabletask', handle: managementApi(management, WEBHOOK_PATH) },
        { path: rpc, handle: managementApi(management, rpc) },
        {
          path: '/eventgrid',
          handle: async (request, response) => topics?.handle(request, response) ?? false,
        },
      ],
      timerStore: kept.timers,
      inputBinding: (_definition, { type }) =>
        type === 'durableClient' || type === 'orchestrationClient' ? { string: binding } : undefined,
      onEvent,
    });
    ends.push(() => doors.drain(DRAIN_MS));
    const served = functions.filter(({ name }) => doors.served.has(name));
    topics = createEventGridTopics({
      clock,
      database: store,
      hostUrl: door.url,
      functions: served
        .filter(({ triggerKind }) => triggerKind === 'eventGridTrigger')
        .map(({ name }) => name),
      topicKey: await kept.secret('eventgrid-topic', () => randomBytes(32).toString('base64')),
      webhookKey: keys.extensions.eventgrid ?? keys.master,
      onEvent,
    });
    ends.push(() => topics?.stop());
    engine.recover();
    await serviceBus.listen(served, (trigger) => doors.dispatcher.run(trigger));
    // Ended first: a message that is handed out while the worker goes would only count as failed.
    ends.push(() => serviceBus.drain(DRAIN_MS));
    // Triggers stop before the app does; the broker itself was opened before it.
    ends.push(stopServiceBus);
    topics.start();
    doors.startTimers();

    return {
      url: door.url,
      serviceBusConnectionString: serviceBus.connectionString,
      eventGridTopics: topics.topics,
      keys: { master: keys.master, function: keys.function, system: hub.key },
      clock: realClock,
      async idle() {
        do await idle();
        while (!serviceBus.idle());
      },
      exportHistory: (instanceId) => exportHistory(engine.find(instanceId), engine.records),
      stop: undo,
    };
  } catch (error) {
    await undo();
    throw error;
  }
}

/**
 * An app whose entry file throws leaves the host up without functions, as does a host.json that cannot be read.
 * @throws HostError `app-failed` when an appStart hook throws, `app-refused` when a binding is not supported.
 */
async function loadApp(worker: AppWorker, settings: AppSettings): Promise<LoadResult> {
  if (settings.hostError !== undefined) return { kind: 'loaded', functions: [], enableHttpStream: false };
  const loaded = await worker.load();
  if (loaded.kind === 'failed' && loaded.stage !== 'entry') {
    throw new HostError(loaded.stage === 'appStart' ? 'app-failed' : 'app-refused', loaded.message);
  }
  return loaded;
}

function once(run: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= run();
    return done;
  };
}

/** Where the app's thread reads the time. */
function shareClock(): SharedArrayBuffer {
  return new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
}

type Json = Readonly<Record<string, unknown>>;

function section(json: Json, name: string): Json {
  const value = json[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function count(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : otherwise;
}
