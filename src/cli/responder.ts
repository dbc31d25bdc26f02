/** Starts the embedded host with the app, and the simulated tenant unless a real one is used. */
import { resolve } from 'node:path';
import {
  type Clock,
  type Host,
  type HostEvent,
  type HostOptions,
  type Introspection,
  startHost,
} from 'functions-emulator';
import { type Simulator, startSimulator } from 'tenant-simulator';
import { z } from 'zod';
import { packageDirectory } from './package-directory.js';
import { CliError } from './problem.js';
import { signInLink } from './sign-in.js';

/** Queue of the app's Service Bus trigger. */
export const INCIDENTS_QUEUE = 'incidents';

/** Fictitious; the simulated tenant of every fixture has this app. */
export const SIMULATED_APP = {
  AZURE_TENANT_ID: '00000000-0000-4000-8000-0000000000ac',
  AZURE_CLIENT_ID: '00000000-0000-4000-8000-00000000c11e',
  AZURE_CLIENT_SECRET: 'simulated-secret-not-real',
};

/** Groups that the approval policy names, in the simulated tenant of every fixture. Fictitious. */
export const SIMULATED_GROUPS: Readonly<Record<string, string>> = {
  'soc-analysts': '00000000-0000-4000-8000-00000000b101',
  'soc-leads': '00000000-0000-4000-8000-00000000b102',
};

/** What containment uses there. */
export const SIMULATED_CONTAINMENT = {
  quarantineGroup: '00000000-0000-4000-8000-00000000b201',
};

/** Overrides settings of this machine: a run without Azure must never reach a real tenant or namespace. */
const NOT_AZURE = {
  ...SIMULATED_APP,
  ServiceBusConnection: '',
  ServiceBusConnection__fullyQualifiedNamespace: '',
  TENANTS: '',
  SENTINEL_WORKSPACES: '',
  APPROVER_GROUPS: JSON.stringify(SIMULATED_GROUPS),
  QUARANTINE_GROUP: SIMULATED_CONTAINMENT.quarantineGroup,
  PROTECTED_APPS: '',
  SIMULATED_TENANT_URL: '',
  RECORDED_EXCHANGES: '',
  RECORD_EXCHANGES_TO: '',
  EVENT_GRID_TOPIC_ENDPOINT: '',
};

/** Settings for a replay of histories: the app makes no calls, because the histories contain all answers. */
export const NO_CALLS_SETTINGS: Readonly<Record<string, string>> = {
  ...NOT_AZURE,
  SIMULATED_TENANT_URL: 'http://127.0.0.1:9',
  LOCAL_SIGN_IN_SECRET: 'signs-nothing-outside-of-a-replay',
};

/** The source of Azure's responses. */
export type TenantSource =
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
  readonly source: TenantSource;
  readonly clock: Clock;
  readonly signInSecret: string;
  /** Signs cards and decisions in the simulated tenant; undefined = a new key for this start. */
  readonly signingKey?: string;
  /** Users of the simulated tenant that the command line and the page can act as; empty = the app's default. */
  readonly analysts?: readonly { readonly id: string; readonly name: string }[];
  /** Channel ids in the simulated tenant, by the name that playbooks use; undefined = no Teams. */
  readonly teamsChannels?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly serviceBusPort: number;
  /** Undefined = in memory. */
  readonly dataDirectory?: string;
  readonly playbooksDirectory?: string;
  /** The approval policy; undefined = the app's default. */
  readonly policyFile?: string;
  /** Group ids in the simulated tenant, by the name that the policy uses; undefined = SIMULATED_GROUPS. */
  readonly approverGroups?: Readonly<Record<string, string>>;
  /** Endpoint of the simulated tenant's topic, that lifecycle events are published to; undefined = none. */
  readonly eventTopic?: string;
  /** ARM ids of the simulated tenant's workspaces, whose incidents are looked for; empty = those of any are accepted. */
  readonly workspaces?: readonly string[];
  /** Folder to which ended cases are exported before they are purged; undefined = no purge. */
  readonly exportDirectory?: string;
  readonly introspection?: Introspection;
  /** When activities that were interrupted by a process end run again; undefined = like Azure, after the queues' timeouts. */
  readonly redelivery?: HostOptions['redelivery'];
  readonly onEvent: (event: HostEvent) => void;
}

export interface Responder {
  readonly host: Host;
  /** Undefined if the tenant is real or recorded. */
  readonly simulator: Simulator | undefined;
  /** A new link that signs a user in once. */
  signInLink(): string;
  stop(): Promise<void>;
}

/** @throws HostError, SimulatorError, CliError for invalid settings. After an error, everything is stopped again. */
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
      // Pages of other sites can reach the port, so managing instances and submitting incidents require a key.
      authOff: false,
      clock,
      // A convenience of a laptop: in Azure, `/` is the start page of the Functions host.
      redirectRootTo: '/approvals',
      settings: settingsOf(options, simulator),
      onEvent: options.onEvent,
      ...(options.dataDirectory === undefined ? {} : { dataDirectory: options.dataDirectory }),
      ...(options.introspection === undefined ? {} : { introspection: options.introspection }),
      ...(options.redelivery === undefined ? {} : { redelivery: options.redelivery }),
    });
    await assertHealthy(host).catch(async (error: unknown) => {
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
 * In Azure the app stays up and reports its problem; on a local machine the start fails.
 * @throws CliError with the app's own problem.
 */
async function assertHealthy({ url }: Host): Promise<void> {
  const response = await fetch(`${url}/api/health`);
  if (response.ok) return;
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
  if (!problem.success)
    throw new CliError('app-failed', 'The health endpoint of the app returned no readable result.');
  throw new CliError(problem.data.code, problem.data.detail, problem.data.next);
}

function settingsOf(
  {
    source,
    signInSecret,
    signingKey,
    playbooksDirectory,
    policyFile,
    approverGroups = SIMULATED_GROUPS,
    exportDirectory,
    analysts = [],
    teamsChannels,
    workspaces = [],
    eventTopic = '',
  }: ResponderOptions,
  simulator: Simulator | undefined,
): Record<string, string> {
  const common = {
    LOCAL_SIGN_IN_SECRET: signInSecret,
    ...(analysts.length === 0 ? {} : { LOCAL_ANALYSTS: JSON.stringify(analysts) }),
    ...(exportDirectory === undefined ? {} : { EXPORT_DIRECTORY: exportDirectory }),
    ...(playbooksDirectory === undefined ? {} : { PLAYBOOKS_DIRECTORY: resolve(playbooksDirectory) }),
    ...(policyFile === undefined ? {} : { APPROVALS_POLICY: resolve(policyFile) }),
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
        APPROVER_GROUPS: JSON.stringify(approverGroups),
        SIMULATED_TENANT_URL: simulator?.url ?? '',
        ...(signingKey === undefined ? {} : { APPROVALS_SIGNING_KEYS: signingKey }),
        ...(teamsChannels === undefined
          ? {}
          : { TEAMS_BOT_ID: SIMULATED_APP.AZURE_CLIENT_ID, TEAMS_CHANNELS: JSON.stringify(teamsChannels) }),
        SENTINEL_WORKSPACES: JSON.stringify(workspaces.map((id) => ({ id }))),
        RECORD_EXCHANGES_TO: source.recordTo ?? '',
        EVENT_GRID_TOPIC_ENDPOINT: eventTopic,
      };
  }
}
