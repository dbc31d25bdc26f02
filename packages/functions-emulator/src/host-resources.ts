/** What `startHost` has opened, for the parts that are built around it. */
import type { HostKeys } from './http/key-ring.js';
import type { HttpListener } from './http/listener.js';
import type { HostKeyValueStore } from './key-value-store.js';
import type { BrokerPort } from './servicebus/broker-port.js';
import type { AppSettings } from './settings.js';
import type { Store } from './store/store.js';
import type { TeardownStack } from './teardown-stack.js';
import type { Clock, HostEvent, HostOptions } from './types.js';
import type { AppWorker, LoadResult } from './worker/worker-types.js';

export interface HostResources {
  readonly options: HostOptions;
  readonly settings: AppSettings;
  readonly store: Store;
  readonly keyValueStore: HostKeyValueStore;
  readonly keys: HostKeys;
  readonly httpListener: HttpListener;
  readonly serviceBus: {
    readonly port: number;
    readonly accessKey: string;
    /** Undefined while the settings name a real namespace. */
    readonly brokerPort: BrokerPort | undefined;
  };
  readonly worker: AppWorker;
  readonly loading: Promise<LoadResult>;
  readonly clock: Clock;
  /** Resolves when nothing is in flight. */
  readonly idle: () => Promise<void>;
  readonly onEvent: (event: HostEvent) => void;
  readonly teardowns: TeardownStack;
}

/** The version of the real host that this one emulates. */
export const HOST_VERSION = '4.1037.0.0';
