/** What `start` prints first: which tenant, where the page and the triggers are, and how to see their keys. Pure. */
import type { Host } from 'functions-emulator';
import type { Paint } from './terminal.js';

type Endpoints = Pick<Host, 'url' | 'serviceBusConnectionString' | 'eventGridTopics' | 'keys'>;

export interface StartScreen {
  readonly host: Endpoints;
  /** Address of the simulated tenant; undefined = a real tenant. */
  readonly simulator: string | undefined;
  /** Settings of a real tenant that are not used. */
  readonly ignored: readonly string[];
  /** Undefined with --auto-approve: there is nothing to decide. */
  readonly signInLink: string | undefined;
  readonly dataDirectory: string;
  readonly showKeys: boolean;
  /** Whether single keys are read. */
  readonly interactive: boolean;
}

export function startScreen(screen: StartScreen, paint: Paint): string[] {
  const { host, signInLink, dataDirectory, showKeys, interactive } = screen;
  const hidden = interactive
    ? 'hidden; press k to show them'
    : 'hidden; start with --show-keys to print them';
  return [
    ...tenant(screen, paint),
    ...(signInLink === undefined ? [] : [`  page         ${signInLink}`]),
    ...(signInLink !== undefined && interactive
      ? [`               ${paint('bold', 'Press o to open it in the browser.')}`]
      : []),
    `  HTTP         ${host.url}/api/incidents`,
    ...(host.serviceBusConnectionString === undefined
      ? []
      : [`  Service Bus  ${brokerOf(host.serviceBusConnectionString)}, queue incidents`]),
    ...host.eventGridTopics.map(({ url }) => `  Event Grid   ${url}`),
    ...(showKeys ? keyLines(host) : [`  keys         ${hidden}`]),
    `  data         ${dataDirectory}`,
    ...(signInLink === undefined
      ? []
      : [paint('dim', '  Ctrl+C stops it; pending approvals continue at the next start.')]),
    '',
  ];
}

/** The keys of the triggers. They are secrets: a call with one submits incidents. */
export function keyLines({ keys, serviceBusConnectionString, eventGridTopics }: Endpoints): string[] {
  return [
    '  keys of the triggers',
    `    HTTP         x-functions-key: ${keys.function}`,
    '                 (a call without it is answered 401, without a text)',
    ...(serviceBusConnectionString === undefined ? [] : [`    Service Bus  ${serviceBusConnectionString}`]),
    ...eventGridTopics.map(({ key }) => `    Event Grid   aeg-sas-key: ${key}`),
  ];
}

function tenant({ simulator, ignored }: StartScreen, paint: Paint): string[] {
  if (simulator === undefined) return [paint('red', 'REAL TENANT: responses act on real users and devices.')];
  const services = 'Entra, Graph, Defender, Sentinel, Log Analytics and Teams';
  return [
    paint(
      'yellow',
      `SIMULATED TENANT: no real tenant is touched. ${services} are simulated by this process (${simulator}).`,
    ),
    ...(ignored.length === 0 ? [] : [`  (${ignored.join(', ')}: ignored without --real-tenant)`]),
  ];
}

/** The address in a connection string, without its key. */
function brokerOf(connectionString: string): string {
  return /^Endpoint=sb:\/\/([^;/]+)/.exec(connectionString)?.[1] ?? 'this machine';
}
