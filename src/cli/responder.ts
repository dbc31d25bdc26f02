/** Starts the embedded host with the app in it, and the simulated tenant beside it where there is no real one. */
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  type Clock,
  type Host,
  type HostEvent,
  type HostOptions,
  type Introspection,
  startHost,
} from '../host/index.js';
import { type Simulator, startSimulator } from '../simulator/index.js';
import { packageDirectory } from './package-directory.js';
import { CliError } from './problem.js';
import { signInLink } from './sign-in.js';

/** Queue of the app's Service Bus trigger. */
export const INCIDENTS_QUEUE = 'incidents';

/** Made up; the simulated tenant of every fixture knows this app. */
export const SIMULATED_APP = {
  AZURE_TENANT_ID: '00000000-0000-4000-8000-0000000000ac',
  AZURE_CLIENT_ID: '00000000-0000-4000-8000-00000000c11e',
  AZURE_CLIENT_SECRET: 'simulated-secret-not-real',
};

/** Nothing that happens to be set on this machine may lead a run without Azure to a real tenant or namespace. */
const NOT_AZURE = {
  ...SIMULATED_APP,
  ServiceBusConnection: '',
  ServiceBusConnection__fullyQualifiedNamespace: '',
  SENTINEL_WORKSPACE_ID: '',
  SIMULATED_TENANT_URL: '',
  RECORDED_EXCHANGES: '',
  RECORD_EXCHANGES_TO: '',
};

/** Enough for the app to be set up where it calls nothing: histories have all answers. */
export const NO_CALLS_SETTINGS: Readonly<Record<string, string>> = {
  ...NOT_AZURE,
  SIMULATED_TENANT_URL: 'http://127.0.0.1:9',
  LOCAL_SIGN_IN_SECRET: 'signs-nothing-outside-of-a-replay',
};

/** Where the answers of Azure come from. */
export type Source =
  | { readonly kind: 'azure' }
  | {
      readonly kind: 'simulated';
      readonly tenant: unknown;
      /** Undefined = in memory. */
      readonly stateDirectory?: string;
      /** HAR file to write the exchanges to. */
      readonly recordTo?: string;
    }
  | { readonly kind: 'recorded'; readonly exchanges: string };

export interface ResponderOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly signInSecret: string;
  /** Signs cards and decisions in the simulated tenant; undefined = a key that ends with this start. */
  readonly signingKey?: string;
  /** People of the simulated tenant who may be played; empty = the app's own default. */
  readonly analysts?: readonly { readonly id: string; readonly name: string }[];
  /** Ids of channels in the simulated tenant by the name that playbooks use; undefined = no Teams. */
  readonly teamsChannels?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly serviceBusPort: number;
  /** Undefined = in memory. */
  readonly dataDirectory?: string;
  readonly playbooksDirectory?: string;
  /** Where ended cases are exported to before they are purged; undefined = nothing is purged. */
  readonly exportDirectory?: string;
  readonly introspection?: Introspection;
  /** When comes back what was running as the process ended; undefined = as on Azure, after the queues' time-outs. */
  readonly redelivery?: HostOptions['redelivery'];
  readonly onEvent: (event: HostEvent) => void;
}

export interface Responder {
  readonly host: Host;
  /** Undefined where the tenant is real or recorded. */
  readonly simulator: Simulator | undefined;
  /** A new address that signs a person in once. */
  signInLink(): string;
  stop(): Promise<void>;
}

/** @throws HostError, SimulatorError, CliError for wrong settings. What was started is stopped again. */
export async function startResponder(options: ResponderOptions): Promise<Responder> {
  const { source, clock } = options;
  const simulator =
    source.kind === 'simulated'
      ? await startSimulator({
          tenant: source.tenant,
          clock,
          ...(source.stateDirectory === undefined ? {} : { stateDirectory: source.stateDirectory }),
        })
      : undefined;
  try {
    const host = await startHost({
      appDirectory: packageDirectory,
      port: options.port,
      serviceBusPort: options.serviceBusPort,
      // Pages of other sites can reach the port: whoever manages instances or hands in incidents shows a key.
      authOff: false,
      clock,
      settings: settingsOf(options, simulator),
      onEvent: options.onEvent,
      ...(options.dataDirectory === undefined ? {} : { dataDirectory: options.dataDirectory }),
      ...(options.introspection === undefined ? {} : { introspection: options.introspection }),
      ...(options.redelivery === undefined ? {} : { redelivery: options.redelivery }),
    });
    await untilSetUp(host).catch(async (error: unknown) => {
      await host.stop();
      throw error;
    });
    return {
      host,
      simulator,
      signInLink: () => signInLink(host.url, options.signInSecret, clock.now()),
      async stop() {
        await host.stop();
        await simulator?.stop();
      },
    };
  } catch (error) {
    await simulator?.stop();
    throw error;
  }
}

const problemSchema = z.object({ code: z.string(), detail: z.string(), next: z.string().optional() });

/**
 * In Azure the app stays up and says what is wrong; on a machine with somebody in front of it, it stops.
 * @throws CliError with the app's own problem.
 */
async function untilSetUp({ url }: Host): Promise<void> {
  const response = await fetch(`${url}/api/health`);
  if (response.ok) return;
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
  if (!problem.success) throw new CliError('app-failed', 'The app did not say whether it is well.');
  throw new CliError(problem.data.code, problem.data.detail, problem.data.next);
}

function settingsOf(
  {
    source,
    signInSecret,
    signingKey,
    playbooksDirectory,
    exportDirectory,
    analysts = [],
    teamsChannels,
  }: ResponderOptions,
  simulator: Simulator | undefined,
): Record<string, string> {
  const common = {
    LOCAL_SIGN_IN_SECRET: signInSecret,
    ...(analysts.length === 0 ? {} : { LOCAL_ANALYSTS: JSON.stringify(analysts) }),
    ...(exportDirectory === undefined ? {} : { EXPORT_DIRECTORY: exportDirectory }),
    ...(playbooksDirectory === undefined ? {} : { PLAYBOOKS_DIRECTORY: resolve(playbooksDirectory) }),
  };
  switch (source.kind) {
    case 'azure':
      return common;
    case 'recorded':
      return { ...common, ...NOT_AZURE, RECORDED_EXCHANGES: source.exchanges };
    case 'simulated':
      return {
        ...common,
        ...NOT_AZURE,
        SIMULATED_TENANT_URL: simulator?.url ?? '',
        ...(signingKey === undefined ? {} : { APPROVALS_SIGNING_KEYS: signingKey }),
        ...(teamsChannels === undefined
          ? {}
          : { TEAMS_BOT_ID: SIMULATED_APP.AZURE_CLIENT_ID, TEAMS_CHANNELS: JSON.stringify(teamsChannels) }),
        RECORD_EXCHANGES_TO: source.recordTo ?? '',
      };
  }
}
