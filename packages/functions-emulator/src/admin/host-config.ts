/** What `/admin/host/config` shows: the options of the extensions, those of host.json over the defaults. */
import type { AppSettings } from '../settings.js';

type Json = Readonly<Record<string, unknown>>;

/** https://learn.microsoft.com/azure/azure-functions/functions-host-json */
const defaults = {
  extensions: {
    http: {
      dynamicThrottlesEnabled: false,
      enableChunkedRequestBinding: false,
      maxConcurrentRequests: -1,
      maxOutstandingRequests: -1,
      routePrefix: 'api',
    },
    durableTask: {
      hubName: 'TestHubName',
      defaultVersion: null,
      versionMatchStrategy: 'CurrentOrOlder',
      versionFailureStrategy: 'Reject',
      maxConcurrentActivityFunctions: null,
      maxConcurrentOrchestratorFunctions: null,
      maxConcurrentEntityFunctions: null,
      maxEntityOperationBatchSize: null,
      extendedSessionsEnabled: false,
      extendedSessionIdleTimeoutInSeconds: 30,
      maxOrchestrationActions: 100_000,
      overridableExistingInstanceStates: 'NonRunningStates',
      entityMessageReorderWindowInMinutes: 30,
      useGracefulShutdown: false,
      rollbackEntityOperationsOnExceptions: true,
      throwStatusExceptionsOnRaiseEvent: null,
      useAppLease: true,
      storeInputsInOrchestrationHistory: false,
      localRpcEndpointEnabled: null,
      maxGrpcMessageSizeInBytes: 4_194_304,
      grpcHttpClientTimeout: '00:01:40',
      httpSettings: { defaultAsyncRequestSleepTimeMilliseconds: 30_000, useForwardedHost: false },
      tracing: {
        traceInputsAndOutputs: false,
        allowVerboseLinuxTelemetry: false,
        traceReplayEvents: false,
        distributedTracingEnabled: false,
        distributedTracingProtocol: 'HttpCorrelationProtocol',
        version: 1,
        includeInstanceIdInOperationName: false,
      },
      notifications: { eventGrid: null },
      appLeaseOptions: {
        renewInterval: '00:00:25',
        acquireInterval: '00:05:00',
        leaseInterval: '00:01:00',
      },
    },
  },
  concurrency: {
    dynamicConcurrencyEnabled: false,
    maximumFunctionConcurrency: 500,
    cpuThreshold: 0.8,
    snapshotPersistenceEnabled: true,
  },
};

export const hostConfig = ({ hostJson }: AppSettings): Json => mergeDefaults(defaults, hostJson);

/** The defaults' members with the given values, in their order. */
function mergeDefaults(known: Json, given: Json): Json {
  return Object.fromEntries(
    Object.entries(known).map(([name, value]) => {
      const own = Object.entries(given).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
      if (own === undefined) return [name, value];
      return [name, isObject(value) && isObject(own) ? mergeDefaults(value, own) : own];
    }),
  );
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
