/**
 * Starts the host: opens what the app needs to know (data, ports), starts loading the app in its thread, and loads the
 * rest of the host in parallel. So this file must not import anything that is slow to load.
 */
import { randomBytes } from 'node:crypto';
import { trackInFlight, wallClock } from './clock.js';
import { HostError } from './errors.js';
import { HOST_VERSION } from './host-resources.js';
import { generateHostKeys } from './http/key-ring.js';
import { listen } from './http/listener.js';
import { HostKeyValueStore } from './key-value-store.js';
import { type BrokerPort, openBrokerPort } from './servicebus/broker-port.js';
import { DEFAULT_CONNECTION, isConfigured, namesNamespace } from './servicebus/service-bus-clients.js';
import { type AppSettings, readSettings } from './settings.js';
import { openStore } from './store/store.js';
import { TeardownStack } from './teardown-stack.js';
import type { Host, HostEvent, HostOptions } from './types.js';
import { createAppWorker } from './worker/app-worker.js';
import type { AppWorker, LoadResult } from './worker/worker-types.js';

const DEFAULT_PORT = 7071;
const DEFAULT_SERVICE_BUS_PORT = 5672;

/** Keys of host.json that are honoured besides those of the endpoints. */
const HONOURED = [
  'extensions.durableTask.defaultVersion',
  'extensions.durableTask.hubName',
  'extensions.durableTask.maxConcurrentActivityFunctions',
  'extensions.durableTask.maxConcurrentOrchestratorFunctions',
  'extensions.durableTask.storageProvider.controlQueueVisibilityTimeout',
  'extensions.durableTask.storageProvider.workItemQueueVisibilityTimeout',
  'extensions.durableTask.useGracefulShutdown',
  'extensions.durableTask.versionFailureStrategy',
  'extensions.durableTask.versionMatchStrategy',
  'extensions.serviceBus',
];

/**
 * Starts the host and loads the app. Errors inside the app are reported as events, as the real host logs them.
 * @throws HostError `app-not-found`, `setting-invalid`, `port-in-use`, and `data-…` codes for the data directory.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const onEvent = (event: HostEvent): void => options.onEvent?.(event);
  const realClock = options.clock ?? wallClock();
  const { clock, idle } = trackInFlight(realClock);

  const failHost = (error: HostError): void => {
    onEvent({ kind: 'log', level: 'critical', category: 'Host', message: error.message, at: clock.now() });
    onEvent({ kind: 'host-failed', error, at: clock.now() });
  };

  const teardowns = new TeardownStack();
  try {
    const settings = readSettings(options.appDirectory, process.env, options.settings ?? {}, HONOURED);
    const store = openStore(options.dataDirectory, options.introspection, failHost);
    teardowns.push(() => store.close());
    const keyValueStore = new HostKeyValueStore(store);
    const keys = await keyValueStore.keys(generateHostKeys);
    const httpListener = await listen(options.port ?? DEFAULT_PORT);
    teardowns.push(() => httpListener.close());

    const sharedClock = shareClock();
    const time = new Float64Array(sharedClock);
    time[0] = realClock.kind === 'virtual' ? realClock.now() : Number.NaN;
    teardowns.push(
      realClock.onJump((from, to) => {
        time[0] = to;
        onEvent({ kind: 'clock-jumped', from, to });
      }),
    );

    const serviceBusPort = options.serviceBusPort ?? DEFAULT_SERVICE_BUS_PORT;
    // Stored, so that a connection string stays valid after a restart.
    const accessKey = await keyValueStore.secret('service-bus', () => randomBytes(32).toString('base64'));
    let brokerPort: BrokerPort | undefined;
    if (!namesNamespace(settings.environment)) {
      brokerPort = await openBrokerPort(serviceBusPort, accessKey);
      teardowns.push(() => brokerPort?.close());
    }
    const worker = createAppWorker(
      {
        appDirectory: settings.appDirectory,
        environment: {
          ...settings.environment,
          ...brokerSettings(settings, brokerPort),
          WEBSITE_HOSTNAME: `127.0.0.1:${httpListener.port}`,
        },
        hostVersion: HOST_VERSION,
        functionTimeoutMs: settings.functionTimeoutMs,
        onLog: ({ level, category, message }) =>
          onEvent({ kind: 'log', level, category, message, at: clock.now() }),
        onDiagnostic: ({ code, message }) => onEvent({ kind: 'diagnostic', code, message, at: clock.now() }),
        // The real host's process ends here; this one closes its endpoints.
        onRestartLimit: (message) => {
          failHost(new HostError('app-ended', message));
          void teardowns.run().catch(() => undefined);
        },
        sharedClock,
      },
      options.warmThreads,
    );
    teardowns.push(() => worker.stop());
    const loading = loadApp(worker, settings);
    // buildHost awaits it and reports its failure, after the import.
    loading.catch(() => undefined);
    const { buildHost } = await import('./build-host.js');
    const host = await buildHost({
      options,
      settings,
      store,
      keyValueStore,
      keys,
      httpListener,
      serviceBus: { port: serviceBusPort, accessKey, brokerPort },
      worker,
      loading,
      clock,
      idle,
      onEvent,
      teardowns,
    });
    return { ...host, clock: realClock, stop: () => teardowns.run() };
  } catch (error) {
    await teardowns.run().catch(() => undefined);
    throw error;
  }
}

/** The broker's address, unless the setting has another one. */
function brokerSettings({ environment }: AppSettings, port: BrokerPort | undefined): Record<string, string> {
  if (port === undefined || isConfigured(DEFAULT_CONNECTION, environment)) return {};
  return { [DEFAULT_CONNECTION]: port.connectionString };
}

/**
 * An app whose entry file throws leaves the host running without functions, as does an unreadable host.json.
 * @throws HostError `app-failed` when an appStart hook throws, when the app's process ends at each start, or when
 *   loading does not finish.
 */
async function loadApp(worker: AppWorker, { hostError }: AppSettings): Promise<LoadResult> {
  if (hostError !== undefined) return { kind: 'loaded', functions: [], faulty: [], enableHttpStream: false };
  const loaded = await worker.load();
  if (loaded.kind === 'loaded' || loaded.stage === 'entry') return loaded;
  const what = loaded.stage === 'appStart' ? 'Initializing worker process failed: ' : '';
  throw new HostError('app-failed', what + loaded.message);
}

/** Where the app's thread reads the time. */
function shareClock(): SharedArrayBuffer {
  return new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
}
