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
import type { HostResources } from './host-resources.js';
import { listen } from './http/listener.js';
import { reply } from './http/reply.js';
import { createServiceBus } from './servicebus/service-bus.js';
import { isDisabledBySetting } from './triggers/function-index.js';
import type { Host } from './types.js';

/** How long calls that are running may take to end when the host is stopped. */
const DRAIN_MS = 10_000;
/** The app has one thread: more concurrent turns would only delay the acceptance of requests. */
const DEFAULT_ORCHESTRATORS = 16;
const DEFAULT_ACTIVITIES = 100;

/** @throws HostError `app-refused`, `setting-invalid` and, if the broker is opened late, `port-in-use`. */
export async function buildHost(resources: HostResources): Promise<Omit<Host, 'clock' | 'stop'>> {
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
  // Functions that are still running may write outputs until the engine has stopped.
  teardowns.push(() => serviceBus.stop());
  const loaded = await resources.loading;
  const functions = loaded.kind === 'loaded' ? loaded.functions : [];
  const invoke = serviceBus.withOutputs((request) => worker.invoke(request));

  const durable = section(section(settings.hostJson, 'extensions'), 'durableTask');
  const hub: TaskHub = {
    name: typeof durable.hubName === 'string' ? durable.hubName : 'TestHubName',
    connection: 'Storage',
    key: keys.extensions.durabletask ?? keys.master,
  };
  const rpc = { path: rpcPath(), listener: await listen(0) };
  // The last of all endpoints: calls that are still running use the durable client.
  teardowns.push(() => {
    void rpc.listener.close();
    rpc.listener.abort();
  });
  const binding = durableClientBinding(httpListener.url, hub, `${rpc.listener.url}${rpc.path}/`);
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
  const serveClient = managementApi(management, rpc.path);
  rpc.listener.serve(async (request, response) => {
    if (!(await serveClient(request, response))) reply(response, 404);
  });

  let topics: EventGridTopics | undefined;
  const endpoints: HostEndpoints = startEndpoints(resources, {
    loaded,
    invoke,
    webhooks: [
      { path: WEBHOOK_PATH, extension: 'durabletask', handle: managementApi(management, WEBHOOK_PATH) },
      {
        path: '/eventgrid',
        handle: async (request, response) => topics?.handle(request, response) ?? false,
      },
    ],
    inputBinding: (_definition, { type }) =>
      type === 'durableClient' || type === 'orchestrationClient' ? { string: binding } : undefined,
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
  // First of all: a message delivered while the worker stops would only count as failed.
  teardowns.push(() => serviceBus.drain(DRAIN_MS));
  topics.start();
  endpoints.startTimers();

  return {
    url: httpListener.url,
    serviceBusConnectionString: serviceBus.connectionString,
    eventGridTopics: topics.topics,
    keys: { master: keys.master, function: keys.function, system: hub.key },
    async idle() {
      do await idle();
      while (!serviceBus.idle());
    },
    exportHistory: (instanceId) => exportHistory(engine.find(instanceId), engine.durableStore),
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
