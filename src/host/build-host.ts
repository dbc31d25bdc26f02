/** The second half of a start: builds the parts of the host around the app while it loads. */
import { randomBytes } from 'node:crypto';
import { clientInputs } from './durable/client-input.js';
import { DurableStore } from './durable/durable-store.js';
import { Engine } from './durable/engine.js';
import { exportHistory } from './durable/history-replay.js';
import { InstanceOperations } from './durable/management/instance-operations.js';
import { managementApi } from './durable/management/management-api.js';
import {
  durableClientBinding,
  rpcPath,
  type TaskHub,
  WEBHOOK_PATH,
} from './durable/management/management-urls.js';
import { redeliveryOf } from './durable/redelivery.js';
import { versioningOf } from './durable/versioning.js';
import { type HostEndpoints, startEndpoints } from './endpoints.js';
import { createEventGridTopics, type EventGridTopics } from './eventgrid/topics.js';
import type { HostKeys } from './http/key-ring.js';
import type { HttpListener } from './http/listener.js';
import type { HostKeyValueStore } from './key-value-store.js';
import { createServiceBus, type ServiceBusOptions } from './servicebus/service-bus.js';
import type { AppSettings } from './settings.js';
import type { Store } from './store/store.js';
import { isDisabledBySetting } from './triggers/function-index.js';
import type { Clock, Host, HostEvent, HostOptions } from './types.js';
import type { AppWorker, LoadResult } from './worker/worker-types.js';

/** How long calls that are running may take to end when the host is stopped. */
const DRAIN_MS = 10_000;
/** The app has one thread: more concurrent turns would only delay the acceptance of requests. */
const DEFAULT_ORCHESTRATORS = 16;
const DEFAULT_ACTIVITIES = 100;

/** What `startHost` has opened. */
export interface HostResources {
  readonly options: HostOptions;
  readonly settings: AppSettings;
  readonly store: Store;
  readonly keyValueStore: HostKeyValueStore;
  readonly keys: HostKeys;
  readonly httpListener: HttpListener;
  readonly serviceBus: Pick<ServiceBusOptions, 'port' | 'accessKey' | 'brokerPort'>;
  readonly worker: AppWorker;
  readonly loading: Promise<LoadResult>;
  readonly hostVersion: string;
  readonly clock: Clock;
  /** As the caller has it. */
  readonly realClock: Clock;
  readonly idle: () => Promise<void>;
  readonly onEvent: (event: HostEvent) => void;
  /** What undoes each step; the last is called first. */
  readonly teardowns: (() => Promise<void> | void)[];
  readonly tearDown: () => Promise<void>;
}

/** @throws HostError `app-refused`, `setting-invalid` and, if the broker is opened late, `port-in-use`. */
export async function buildHost(resources: HostResources): Promise<Host> {
  const {
    options,
    settings,
    store,
    keyValueStore,
    keys,
    httpListener,
    worker,
    clock,
    idle,
    onEvent,
    teardowns,
  } = resources;
  const durableStore = new DurableStore(store);
  const recovered = durableStore.loadRecoveryState();
  const serviceBus = await createServiceBus({
    clock,
    database: store,
    settings: settings.environment,
    hostJson: settings.hostJson,
    ...resources.serviceBus,
    onEvent,
  });
  const stopServiceBus = once(() => serviceBus.stop());
  teardowns.push(stopServiceBus);
  const loaded = await resources.loading;
  const functions = loaded.kind === 'loaded' ? loaded.functions : [];
  const invoke = serviceBus.withOutputs((request) => worker.invoke(request));

  const durable = section(section(settings.hostJson, 'extensions'), 'durableTask');
  const hub: TaskHub = {
    name: typeof durable.hubName === 'string' ? durable.hubName : 'TestHubName',
    connection: 'Storage',
    key: keys.extensions.durabletask ?? keys.master,
  };
  const rpc = rpcPath();
  const binding = durableClientBinding(httpListener.url, hub, rpc);
  const withClientInputs = clientInputs(functions, binding);
  const engine = new Engine({
    store,
    durableStore,
    clock,
    functions,
    invoke: (request) => invoke(withClientInputs(request)),
    onEvent,
    introspection: options.introspection,
    maxOrchestrators: count(durable.maxConcurrentOrchestratorFunctions, DEFAULT_ORCHESTRATORS),
    maxActivities: count(durable.maxConcurrentActivityFunctions, DEFAULT_ACTIVITIES),
    redelivery: redeliveryOf(durable, options.redelivery),
    versioning: versioningOf(durable),
    isDisabled: ({ name }) => isDisabledBySetting(settings, name),
  });
  teardowns.push(() => engine.stop(DRAIN_MS));
  const management = { operations: new InstanceOperations(engine), hub, clock };

  let topics: EventGridTopics | undefined;
  const endpoints: HostEndpoints = startEndpoints({
    httpListener,
    settings,
    loaded,
    worker: { invoke, onInvocationStart: worker.onInvocationStart },
    clock,
    keys,
    authOff: options.authOff ?? true,
    hostVersion: resources.hostVersion,
    stateDirectory: options.dataDirectory ?? settings.appDirectory,
    webhooks: [
      { path: WEBHOOK_PATH, extension: 'durabletask', handle: managementApi(management, WEBHOOK_PATH) },
      { path: rpc, handle: managementApi(management, rpc) },
      {
        path: '/eventgrid',
        handle: async (request, response) => topics?.handle(request, response) ?? false,
      },
    ],
    timerStore: keyValueStore.timers,
    redirectRootTo: options.redirectRootTo,
    inputBinding: (_definition, { type }) =>
      type === 'durableClient' || type === 'orchestrationClient' ? { string: binding } : undefined,
    onEvent,
  });
  teardowns.push(() => endpoints.drain(DRAIN_MS));
  const indexed = functions.filter(({ name }) => endpoints.indexed.has(name));
  topics = createEventGridTopics({
    clock,
    database: store,
    hostUrl: httpListener.url,
    functions: indexed
      .filter(({ triggerKind }) => triggerKind === 'eventGridTrigger')
      .map(({ name }) => name),
    topicKey: await keyValueStore.secret('eventgrid-topic', () => randomBytes(32).toString('base64')),
    webhookKey: keys.extensions.eventgrid ?? keys.master,
    onEvent,
  });
  teardowns.push(() => topics?.stop());
  engine.recover(recovered);
  await serviceBus.listen(indexed, (trigger) => endpoints.invoker.invoke(trigger));
  // Drained first: a message delivered while the worker stops would only count as failed.
  teardowns.push(() => serviceBus.drain(DRAIN_MS));
  // Triggers stop before the app does; the broker itself was opened before it.
  teardowns.push(stopServiceBus);
  topics.start();
  endpoints.startTimers();

  return {
    url: httpListener.url,
    serviceBusConnectionString: serviceBus.connectionString,
    eventGridTopics: topics.topics,
    keys: { master: keys.master, function: keys.function, system: hub.key },
    clock: resources.realClock,
    async idle() {
      do await idle();
      while (!serviceBus.idle());
    },
    exportHistory: (instanceId) => exportHistory(engine.find(instanceId), engine.durableStore),
    stop: resources.tearDown,
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
