/** The admin API as far as tools use it: state, list of functions, keys, and running a function by hand. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { stopwatch } from '../clock.js';
import type { FunctionDefinition } from '../worker/types.js';
import { readBody } from './body.js';
import type { Dispatcher } from './dispatcher.js';
import { isObject, parseEvent, runEvent } from './event-grid.js';
import { type Functions, templateOf } from './functions.js';
import type { KeyRing } from './keys.js';
import { parseLenientJson } from './lenient-json.js';
import { reply, replyJson } from './reply.js';
import type { AppSettings } from './settings.js';
import type { Target } from './target.js';
import type { Timers } from './timers.js';
import type { Log } from './types.js';

export interface AdminOptions {
  readonly settings: AppSettings;
  readonly functions: Functions;
  readonly keys: KeyRing;
  readonly dispatcher: Dispatcher;
  readonly timers: Timers;
  readonly hostVersion: string;
  readonly hostId: string;
  /** Host and port that the links of the list name. */
  readonly hostName: string;
  readonly stateDirectory: string;
  /** Why the host serves no functions. */
  readonly hostError: string | undefined;
  readonly log: Log;
}

/** Answers what is below `/admin`, or returns false when there is no such path. */
export async function serveAdmin(
  options: AdminOptions,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): Promise<boolean> {
  const [area, name, ...rest] = target.segments.slice(1).map((part) => part.toLowerCase());
  const method = request.method ?? 'GET';
  if (area === 'host' && name === 'ping' && rest.length === 0) {
    reply(response, 200, { 'Cache-Control': 'no-store,no-cache', Pragma: 'no-cache' });
    return true;
  }
  const action =
    area === 'functions'
      ? functionAction(options, method, name, rest)
      : hostAction(options, method, area, name, rest);
  if (!action) return false;
  if (options.keys.admits(request, response, target)) await action(request, response, target);
  return true;
}

type Action = (request: IncomingMessage, response: ServerResponse, target: Target) => void | Promise<void>;

function hostAction(
  options: AdminOptions,
  method: string,
  area: string | undefined,
  name: string | undefined,
  rest: readonly string[],
): Action | undefined {
  if (area === 'warmup' && name === undefined) return (_, response) => reply(response, 200);
  if (area !== 'host' || name === undefined || method !== 'GET') return undefined;
  if (name === 'status' && rest.length === 0) return (_, response) => replyJson(response, status(options));
  const sets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    keys: { default: options.keys.keys.function },
    functionkeys: { default: options.keys.keys.function },
    systemkeys: Object.fromEntries(
      Object.entries(options.keys.keys.extensions)
        .sort()
        .map(([k, v]) => [`${k}_extension`, v]),
    ),
  };
  const set = Object.hasOwn(sets, name) ? sets[name] : undefined;
  return set && rest.length < 2
    ? (_, response, target) => sendKeys(response, target, set, rest[0])
    : undefined;
}

function functionAction(
  options: AdminOptions,
  method: string,
  name: string | undefined,
  rest: readonly string[],
): Action | undefined {
  const { listed } = options.functions;
  if (name === undefined) {
    if (method !== 'GET') return undefined;
    if (options.settings.hostError !== undefined) return (_, response) => reply(response, 500);
    const base = `https://${options.hostName}`;
    return (_, response) =>
      replyJson(
        response,
        listed.map((definition) => describe(options, definition, base)),
      );
  }
  const definition = listed.find((candidate) => candidate.name.toLowerCase() === name);
  if (!definition) return undefined;
  if (rest.length === 0 && method === 'POST')
    return (request, response) => invoke(options, definition, request, response);
  if (method !== 'GET' || rest.length > 1) return undefined;
  switch (rest[0]) {
    case undefined:
      return (_, response, target) => replyJson(response, describe(options, definition, target.base));
    case 'status':
      return (_, response) => replyJson(response, {});
    case 'keys':
      return (_, response, target) =>
        sendKeys(response, target, { default: options.keys.ofFunction(definition.name) }, undefined);
    default:
      return undefined;
  }
}

function status(options: AdminOptions): object {
  return {
    id: options.hostId,
    state: options.hostError === undefined ? 'Running' : 'Error',
    version: options.hostVersion,
    versionDetails: options.hostVersion.replace(/\.0$/, ''),
    platformVersion: '',
    instanceId: '',
    computerName: '',
    ...(options.hostError === undefined ? {} : { errors: [options.hostError] }),
    processUptime: Math.round(stopwatch()),
    functionAppContentEditingState: 'Unknown',
  };
}

function describe(options: AdminOptions, definition: FunctionDefinition, base: string): object {
  const { appDirectory, routePrefix } = options.settings;
  const { name } = definition;
  const file = join(appDirectory, definition.scriptFile);
  const prefix = routePrefix === '' ? '' : `/${routePrefix}`;
  return {
    name,
    script_root_path_href: null,
    script_href: `${base}/admin/vfs${appDirectory}/${basename(file)}`,
    config_href: null,
    test_data_href: `${base}/admin/vfs${options.stateDirectory}/functionsdata/${name}.dat`,
    href: `${base}/admin/functions/${name}`,
    invoke_url_template:
      definition.triggerKind === 'httpTrigger'
        ? `${base}${prefix}/${templateOf(definition).toLowerCase()}`
        : null,
    language: 'node',
    config: {
      name,
      entryPoint: '',
      scriptFile: basename(file),
      language: 'node',
      functionDirectory: dirname(file),
      bindings: Object.entries(definition.bindings).map(([binding, options]) => ({
        ...options,
        name: binding,
      })),
    },
    files: null,
    test_data: '',
    isDisabled: options.functions.isDisabled(definition),
    isDirect: false,
    isProxy: false,
  };
}

function sendKeys(
  response: ServerResponse,
  target: Target,
  keys: Readonly<Record<string, string>>,
  name: string | undefined,
): void {
  const links = [{ rel: 'self', href: `${target.base}${target.path}` }];
  if (name === undefined) {
    replyJson(response, { keys: Object.entries(keys).map(([key, value]) => ({ name: key, value })), links });
  } else if (Object.hasOwn(keys, name)) {
    replyJson(response, { name, value: keys[name], links });
  } else {
    reply(response, 404);
  }
}

/** Starts the function and answers at once; how it ends is only logged. Switched-off functions run too. */
async function invoke(
  options: AdminOptions,
  definition: FunctionDefinition,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const input = parseInput(await readBody(request));
  reply(response, input === undefined ? 400 : 202);
  if (input === undefined) return;
  if (definition.triggerKind === 'timerTrigger') {
    await options.dispatcher.run({ definition, data: options.timers.data(definition) });
  } else if (definition.triggerKind === 'eventGridTrigger' && isObject(parseEvent(input))) {
    const event = parseEvent(input) as Record<string, unknown>;
    await runEvent(options.dispatcher, definition, event, {
      [definition.triggerName]: { json: JSON.stringify(event) },
    });
  } else {
    options.log(
      'error',
      `Function.${definition.name}`,
      `Exception binding parameter '${definition.triggerName}': the input is not what a ${definition.triggerKind} takes.`,
    );
  }
}

/** The text in `input`, or undefined when the body is no JSON object or its input no scalar. */
function parseInput(body: Buffer | undefined): string | undefined {
  let json: unknown;
  try {
    json = parseLenientJson(String(body ?? ''));
  } catch {
    return undefined;
  }
  if (!isObject(json)) return undefined;
  const input = Object.entries(json).find(([key]) => key.toLowerCase() === 'input')?.[1] ?? '';
  return typeof input === 'object' ? undefined : String(input);
}
