/** The second half of a start: the parts of the host around the app, which loads meanwhile. */
import { randomBytes } from 'node:crypto';
import {
  type AppSettings,
  type Door,
  type DoorKeys,
  type Doors,
  isSwitchedOff,
  startDoors,
} from './doors/index.js';
import { clientInputs } from './durable/client-input.js';
import { Engine } from './durable/engine.js';
import { managementApi } from './durable/management/api.js';
import { clientBinding, type Hub, rpcPath, WEBHOOK_PATH } from './durable/management/links.js';
import { Operations } from './durable/management/operations.js';
import { Records } from './durable/records.js';
import { redeliveryOf } from './durable/redelivery.js';
import { exportHistory } from './durable/replay.js';
import { versioningOf } from './durable/versioning.js';
import { createEventGridTopics, type EventGridTopics } from './eventgrid/index.js';
import type { Kept } from './kept.js';
import { prepareServiceBus, type ServiceBusOptions } from './servicebus/index.js';
import type { Store } from './store/store.js';
import type { Clock, Host, HostEvent, HostOptions } from './types.js';
import type { AppWorker, LoadResult } from './worker/index.js';

/** How long calls that are running may take to end when the host is stopped. */
const DRAIN_MS = 10_000;
/** The app has one thread: with more turns at once, requests would only wait longer to be accepted. */
const DEFAULT_ORCHESTRATORS = 16;
const DEFAULT_ACTIVITIES = 100;

/** What has been opened. */
export interface Opened {
  readonly options: HostOptions;
  readonly settings: AppSettings;
  readonly store: Store;
  readonly kept: Kept;
  readonly keys: DoorKeys;
  readonly door: Door;
  readonly serviceBus: Pick<ServiceBusOptions, 'port' | 'accessKey' | 'opened'>;
  readonly worker: AppWorker;
  readonly loading: Promise<LoadResult>;
  readonly hostVersion: string;
  readonly clock: Clock;
  /** As the caller has it. */
  readonly realClock: Clock;
  readonly idle: () => Promise<void>;
  readonly onEvent: (event: HostEvent) => void;
  /** What undoes each step; the last is called first. */
  readonly ends: (() => Promise<void> | void)[];
  readonly undo: () => Promise<void>;
}

/** @throws HostError `app-refused`, `setting-invalid` and, for a broker that is only now needed, `port-in-use`. */
export async function furnish(opened: Opened): Promise<Host> {
  const { options, settings, store, kept, keys, door, worker, clock, idle, onEvent, ends } = opened;
  const records = new Records(store);
  const open = records.open();
  const serviceBus = await prepareServiceBus({
    clock,
    database: store,
    settings: settings.environment,
    hostJson: settings.hostJson,
    ...opened.serviceBus,
    onEvent,
  });
  const stopServiceBus = once(() => serviceBus.stop());
  ends.push(stopServiceBus);
  const loaded = await opened.loading;
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
    records,
    clock,
    functions,
    invoke: (request) => invoke(withClientInputs(request)),
    onEvent,
    introspection: options.introspection,
    maxOrchestrators: count(durable.maxConcurrentOrchestratorFunctions, DEFAULT_ORCHESTRATORS),
    maxActivities: count(durable.maxConcurrentActivityFunctions, DEFAULT_ACTIVITIES),
    redelivery: redeliveryOf(durable, options.redelivery),
    versioning: versioningOf(durable),
    isDisabled: ({ name }) => isSwitchedOff(settings, name),
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
    hostVersion: opened.hostVersion,
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
    functions: served.filter(({ triggerKind }) => triggerKind === 'eventGridTrigger').map(({ name }) => name),
    topicKey: await kept.secret('eventgrid-topic', () => randomBytes(32).toString('base64')),
    webhookKey: keys.extensions.eventgrid ?? keys.master,
    onEvent,
  });
  ends.push(() => topics?.stop());
  engine.recover(open);
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
    clock: opened.realClock,
    async idle() {
      do await idle();
      while (!serviceBus.idle());
    },
    exportHistory: (instanceId) => exportHistory(engine.find(instanceId), engine.records),
    stop: opened.undo,
  };
}

function once(run: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= run();
    return done;
  };
}

type Json = Readonly<Record<string, unknown>>;

function section(json: Json, name: string): Json {
  const value = json[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function count(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : otherwise;
}
