/** One client for each connection that the app's bindings name. */
import type { ServiceBusClient } from '@azure/service-bus';
import { HostError } from '../errors.js';

type Settings = Readonly<Record<string, string>>;

/** The setting that a binding without `connection` uses. */
export const DEFAULT_CONNECTION = 'AzureWebJobsServiceBus';

/**
 * The host has no storage account: messages to a storage queue go to the embedded broker's queue of the same name, where
 * the unmodified Service Bus client can read them, whichever namespace the app uses.
 */
export const STORAGE_QUEUES = 'EmbeddedStorageQueues';

const NAMESPACE_SUFFIX = '__fullyQualifiedNamespace';

/** Whether the settings name a namespace for this connection, and not the embedded broker. */
export function isConfigured(connection: string, settings: Settings): boolean {
  return Boolean(settings[connection]) || Boolean(settings[connection + NAMESPACE_SUFFIX]);
}

/** Whether any setting looks like a connection to a namespace; used before the app's bindings are known. */
export function namesNamespace(settings: Settings): boolean {
  return Object.entries(settings).some(
    ([name, value]) => value !== '' && (name.endsWith(NAMESPACE_SUFFIX) || /^Endpoint=sb:\/\//i.test(value)),
  );
}

export class ServiceBusClients {
  readonly #clients = new Map<string, Promise<ServiceBusClient>>();

  constructor(private readonly settings: Settings) {}

  /** @throws HostError `setting-invalid` for a connection string that cannot be read. */
  client(connection: string): Promise<ServiceBusClient> {
    let client = this.#clients.get(connection);
    if (client === undefined) {
      client = this.#open(connection);
      this.#clients.set(connection, client);
    }
    return client;
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values());
    await Promise.allSettled(
      clients.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)),
    );
  }

  /** A connection string wins over an identity, as in the real host. */
  async #open(connection: string): Promise<ServiceBusClient> {
    // The libraries are loaded when they are needed: an app without Service Bus is spared 30 MB by that.
    const { ServiceBusClient } = await import('@azure/service-bus');
    const connectionString = this.settings[connection];
    if (connectionString) {
      try {
        return new ServiceBusClient(connectionString);
      } catch {
        throw new HostError(
          'setting-invalid',
          `The setting '${connection}' is not a Service Bus connection string. Copy it from the namespace's shared access policies, or remove it to use the embedded broker.`,
        );
      }
    }
    const { DefaultAzureCredential } = await import('@azure/identity');
    const clientId = this.settings[`${connection}__clientId`];
    const credential = new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
    return new ServiceBusClient(this.settings[connection + NAMESPACE_SUFFIX] as string, credential);
  }
}
