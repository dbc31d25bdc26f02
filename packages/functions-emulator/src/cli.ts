/** The command line: `functions-emulator [folder]`. Exit codes: 0, 1 the host failed, 2 wrong options or app, 130 and 143 after a signal. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HostError } from './errors.js';
import { startHost } from './host.js';
import type { Host, HostEvent, LogLevel } from './types.js';

const USAGE = `functions-emulator [folder]   runs the Azure Functions app in the folder (default: this one)

  --port <number>              HTTP port on 127.0.0.1; 0 picks a free one (default 7071)
  --service-bus-port <number>  AMQP port of the Service Bus emulator; 0 picks a free one (default 5672)
  --data-directory <folder>    keeps instances, messages and keys there (default: in memory only)
  --redelivery <when>          of work that a crash interrupted: at-once (default), or after-time-out, as in Azure
  --keys                       requires function keys as Azure does, and prints them
  --verbose                    also prints messages of the levels trace and debug
  --json                       prints every event as one line of JSON; "started" has the addresses
  --help, --version`;

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof HostError)) throw error;
  console.error(`error [${error.code}]: ${error.message}`);
  return 2;
});

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  const { values, folder } = options;
  if (values.help) return print(USAGE);
  if (values.version) return print(version());

  let fail: (code: number) => void = () => undefined;
  const failed = new Promise<number>((resolve) => {
    fail = resolve;
  });
  const host = await startHost({
    appDirectory: folder,
    authOff: !values.keys,
    redelivery: redeliveryOf(values.redelivery),
    port: portOf(values.port, '--port') ?? 7071,
    serviceBusPort: portOf(values['service-bus-port'], '--service-bus-port') ?? 5672,
    ...(values['data-directory'] === undefined ? {} : { dataDirectory: resolve(values['data-directory']) }),
    onEvent: (event) => {
      report(event, values);
      if (event.kind === 'host-failed') fail(1);
    },
  });
  if (values.json) {
    const { url, serviceBusConnectionString, eventGridTopics } = host;
    const keys = values.keys ? { keys: host.keys } : {};
    print(JSON.stringify({ kind: 'started', url, serviceBusConnectionString, eventGridTopics, ...keys }));
  } else await describe(host, folder, values);
  const code = await Promise.race([failed, signalled()]);
  await host.stop();
  return code;
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        'service-bus-port': { type: 'string' },
        'data-directory': { type: 'string' },
        redelivery: { type: 'string', default: 'at-once' },
        keys: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
      },
    });
    if (positionals.length > 1) throw new TypeError('Name one folder.');
    return { values, folder: resolve(positionals[0] ?? '.') };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`error [option-invalid]: ${error.message}\n\n${USAGE}`);
    return undefined;
  }
}

/** @throws HostError `setting-invalid`. */
function portOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new HostError('setting-invalid', `${option} ${text} is not a port: give a number from 0 to 65535.`);
}

/** @throws HostError `setting-invalid`. */
function redeliveryOf(text: string): 'at-once' | 'after-time-out' {
  if (text === 'at-once' || text === 'after-time-out') return text;
  throw new HostError('setting-invalid', `--redelivery ${text}: give at-once or after-time-out.`);
}

function signalled(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => resolve(code));
  });
}

function report(event: HostEvent, { json, verbose }: { json: boolean; verbose: boolean }): void {
  if (json) return void print(JSON.stringify(event));
  const line = lineOf(event, verbose);
  if (line !== undefined && 'at' in event)
    print(`[${new Date(event.at).toISOString().slice(11, 19)}] ${line}`);
}

/** What is worth a line: the log, diagnostics, failed activities and ended orchestrations. */
function lineOf(event: HostEvent, verbose: boolean): string | undefined {
  switch (event.kind) {
    case 'log':
      if (!verbose && isDetail(event.level)) return undefined;
      return `${event.level === 'information' ? '' : `${event.level}: `}${event.message}`;
    case 'diagnostic':
      return `${event.code}: ${event.message}`;
    case 'invocation-ended':
      // Failures of the other triggers are in the log.
      if (event.ok || event.trigger !== 'activityTrigger') return undefined;
      return `error: ${event.name} (activity of ${event.instanceId}): ${event.error}`;
    case 'instance-changed': {
      const { name, instanceId, runtimeStatus, output } = event;
      if (runtimeStatus === 'Failed') return `error: ${name} (${instanceId}): Failed: ${output}`;
      return runtimeStatus === 'Completed' || runtimeStatus === 'Terminated'
        ? `${name} (${instanceId}): ${runtimeStatus}`
        : undefined;
    }
    default:
      return undefined;
  }
}

function isDetail(level: LogLevel): boolean {
  return level === 'trace' || level === 'debug';
}

interface FunctionInfo {
  readonly name: string;
  readonly invoke_url_template?: string | null;
  readonly config: {
    readonly bindings: readonly { readonly type: string; readonly methods?: readonly string[] }[];
  };
}

/** Prints the functions with their URLs, and where to send messages and events. */
async function describe(host: Host, folder: string, values: { keys: boolean; 'data-directory'?: string }) {
  const response = await fetch(`${host.url}/admin/functions`, {
    headers: { 'x-functions-key': host.keys.master },
  });
  // An app in error has none; the messages above say why.
  const functions = response.ok ? ((await response.json()) as FunctionInfo[]) : [];
  print(`\nfunctions-emulator ${version()} runs ${folder} on ${host.url}`);
  for (const { name, invoke_url_template: url, config } of functions) {
    const trigger = config.bindings.find(({ type }) => /trigger$/i.test(type));
    const errors = await errorsOf(host, name);
    const call = url
      ? `${(trigger?.methods ?? ['GET', 'POST']).join(',').toUpperCase()} ${url.replace(/^https?:\/\/[^/]+/, host.url)}`
      : trigger?.type;
    print(
      `  ${name}: ${errors.length > 0 ? `in error, not served: ${errors.join(' ')}` : (call ?? 'no trigger')}`,
    );
  }
  if (functions.length === 0) print('  The app has registered no functions; see the messages above.');
  for (const { functionName, url, key } of host.eventGridTopics)
    print(`Event Grid topic of ${functionName}: ${url}, key ${key}`);
  if (functions.some(({ config }) => config.bindings.some(({ type }) => /^serviceBus/i.test(type))))
    print(`Service Bus: ${host.serviceBusConnectionString ?? 'the namespace in the settings'}`);
  if (values.keys) print(`Keys: function ${host.keys.function}, master ${host.keys.master}`);
  const data = values['data-directory'];
  print(
    `Data: ${data === undefined ? 'in memory (--data-directory keeps it)' : resolve(data)}. Ctrl+C stops.\n`,
  );
}

async function errorsOf(host: Host, name: string): Promise<readonly string[]> {
  const response = await fetch(`${host.url}/admin/functions/${name}/status`, {
    headers: { 'x-functions-key': host.keys.master },
  });
  const status = response.ok ? ((await response.json()) as { errors?: readonly string[] }) : {};
  return status.errors ?? [];
}

function version(): string {
  const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return own.version;
}

function print(text: string): number {
  console.log(text);
  return 0;
}
