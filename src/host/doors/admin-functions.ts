/** The admin API's view of functions: the list, one of them, what is wrong with it, and running it by hand. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import type { FunctionDefinition, RegisteredFunction } from '../worker/types.js';
import type { Action } from './admin.js';
import { readJsonBody } from './admin-body.js';
import type { BodyLimits } from './body.js';
import type { Dispatcher } from './dispatcher.js';
import { isObject, parseEvent, runEvent } from './event-grid.js';
import { type Functions, isHttpTrigger, templateOf } from './functions.js';
import type { KeyRing } from './keys.js';
import { reply, replyChunked, replyJson } from './reply.js';
import type { AppSettings } from './settings.js';
import type { Timers } from './timers.js';
import type { Log } from './types.js';

export interface FunctionRoutes {
  readonly settings: AppSettings;
  readonly functions: Functions;
  readonly keys: KeyRing;
  readonly dispatcher: Dispatcher;
  readonly timers: Timers;
  readonly limits: BodyLimits;
  /** Host and port that the links of the list name. */
  readonly hostName: string;
  readonly stateDirectory: string;
  readonly hostError: string | undefined;
  readonly log: Log;
}

/** @param path what follows `/admin/functions` */
export function functionAction(
  options: FunctionRoutes,
  method: string,
  path: readonly string[],
): Action | undefined {
  const [name, part] = path;
  const call = `${method}${name === undefined ? '' : ' name'}${part === undefined ? '' : `/${part.toLowerCase()}`}`;
  if (path.length > 2) return undefined;
  switch (call) {
    case 'GET':
      return (_, response) => list(options, response);
    case 'GET name':
      return (_, response, target) => {
        const found = find(options, name);
        if (found) replyJson(response, describe(options, found, target.base));
        else reply(response, 404);
      };
    case 'GET name/status':
      return (_, response) => status(options, name ?? '', response);
    case 'POST name':
      return (request, response) => invoke(options, name ?? '', request, response);
    default:
      return undefined;
  }
}

const find = ({ functions }: FunctionRoutes, name = ''): Functions['listed'][number] | undefined =>
  functions.listed.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());

function list(options: FunctionRoutes, response: ServerResponse): void {
  if (options.settings.hostError !== undefined) {
    reply(response, 500);
    return;
  }
  const base = `https://${options.hostName}`;
  replyJson(
    response,
    options.functions.listed.map((definition) => describe(options, definition, base)),
  );
}

/** Functions with a bad name are in no list, but their error is known. */
function status(options: FunctionRoutes, name: string, response: ServerResponse): void {
  const { errors } = options.functions;
  const [, error] = [...errors].find(([one]) => one.toLowerCase() === name.toLowerCase()) ?? [];
  if (error !== undefined) replyJson(response, { errors: [error] });
  else if (find(options, name)) replyJson(response, {});
  else reply(response, 404);
}

function describe(options: FunctionRoutes, definition: RegisteredFunction, base: string): object {
  const { appDirectory, routePrefix } = options.settings;
  const { name } = definition;
  const file = join(appDirectory, definition.scriptFile);
  const prefix = routePrefix === '' ? '' : `/${routePrefix}`;
  const isHttp = Object.values(definition.bindings).some(isHttpTrigger);
  return {
    name,
    script_root_path_href: null,
    script_href: `${base}/admin/vfs${appDirectory}/${basename(file)}`,
    config_href: null,
    test_data_href: `${base}/admin/vfs${options.stateDirectory}/functionsdata/${name}.dat`,
    href: `${base}/admin/functions/${name}`,
    invoke_url_template: isHttp ? `${base}${prefix}/${templateOf(definition).toLowerCase()}` : null,
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

/** Starts the function and answers at once; how it ends is only logged. Switched-off functions run too. */
async function invoke(
  options: FunctionRoutes,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (options.hostError !== undefined) {
    replyChunked(response, 503, 'Function host is not running.');
    return;
  }
  const body = await readJsonBody(request, options.limits);
  const input = 'json' in body ? inputOf(body.json) : undefined;
  const definition = find(options, name);
  const isServed = definition !== undefined && !('fault' in definition) && !isInError(options, definition);
  if ('refused' in body) reply(response, body.refused);
  else if (input === undefined) reply(response, 400);
  else if (!isServed) reply(response, 404);
  else {
    reply(response, 202);
    await run(options, definition, input);
  }
}

/** A bad schedule shows only when the function is indexed: until then it can be called, and fails. */
const isInError = ({ functions }: FunctionRoutes, { name, triggerKind }: FunctionDefinition): boolean =>
  functions.errors.has(name) && triggerKind !== 'timerTrigger';

async function run(options: FunctionRoutes, definition: FunctionDefinition, input: string): Promise<void> {
  const { dispatcher, timers, functions } = options;
  const { name, triggerKind, triggerName } = definition;
  const event = triggerKind === 'eventGridTrigger' ? parseEvent(input) : undefined;
  if (triggerKind === 'timerTrigger' && !functions.errors.has(name)) {
    await dispatcher.run({ definition, data: timers.data(definition) });
  } else if (isObject(event)) {
    // The text as it was sent: its dates stay as they are.
    await runEvent(dispatcher, definition, event, { [triggerName]: { string: input } });
  } else {
    options.log(
      'error',
      `Function.${name}`,
      `Exception binding parameter '${triggerName}': the input is not what a ${triggerKind} takes.`,
    );
  }
}

/** The text in `input`, or undefined when the body is no JSON object or its input no scalar. */
function inputOf(json: unknown): string | undefined {
  if (!isObject(json)) return undefined;
  const input = Object.entries(json).findLast(([key]) => key.toLowerCase() === 'input')?.[1] ?? '';
  return typeof input === 'object' ? undefined : String(input);
}
