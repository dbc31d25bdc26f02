/** Functions in the admin API: list, details, status, and manual invocation. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { reply, replyChunked, replyJson } from '../http/reply.js';
import { invokeWithEvent, isObject, parseEvent } from '../triggers/event-grid-trigger.js';
import { type FunctionIndex, isHttpTrigger, templateOf } from '../triggers/function-index.js';
import type { FunctionDefinition, RegisteredFunction } from '../worker/worker-types.js';
import type { AdminHandler, AdminOptions } from './admin-options.js';
import { readJsonBody } from './json-body.js';

/** @param path what follows `/admin/functions` */
export function functionHandler(
  options: AdminOptions,
  method: string,
  path: readonly string[],
): AdminHandler | undefined {
  const [name, part] = path;
  const call = `${method}${name === undefined ? '' : ' name'}${part === undefined ? '' : `/${part.toLowerCase()}`}`;
  if (path.length > 2) return undefined;
  switch (call) {
    case 'GET':
      return (_, response) => list(options, response);
    case 'GET name':
      return (_, response, url) => {
        const found = find(options, name);
        if (found) replyJson(response, describe(options, found, url.base));
        else reply(response, 404);
      };
    case 'GET name/status':
      return (_, response) => functionStatus(options, name ?? '', response);
    case 'POST name':
      return (request, response) => invoke(options, name ?? '', request, response);
    default:
      return undefined;
  }
}

const find = ({ functions }: AdminOptions, name = ''): FunctionIndex['listed'][number] | undefined =>
  functions.listed.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());

function list(options: AdminOptions, response: ServerResponse): void {
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

/** Functions with an invalid name are not listed, but their error is reported. */
function functionStatus(options: AdminOptions, name: string, response: ServerResponse): void {
  const { errors } = options.functions;
  const [, error] = [...errors].find(([one]) => one.toLowerCase() === name.toLowerCase()) ?? [];
  if (error !== undefined) replyJson(response, { errors: [error] });
  else if (find(options, name)) replyJson(response, {});
  else reply(response, 404);
}

function describe(options: AdminOptions, definition: RegisteredFunction, base: string): object {
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

/** Starts the function and responds at once; its result is only logged. Disabled functions run too. */
async function invoke(
  options: AdminOptions,
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
  if ('rejectedWith' in body) reply(response, body.rejectedWith);
  else if (input === undefined) reply(response, 400);
  else if (!isServed) reply(response, 404);
  else {
    reply(response, 202);
    await run(options, definition, input);
  }
}

/** A bad schedule shows only when the function is indexed: until then it can be called, and fails. */
const isInError = ({ functions }: AdminOptions, { name, triggerKind }: FunctionDefinition): boolean =>
  functions.errors.has(name) && triggerKind !== 'timerTrigger';

async function run(options: AdminOptions, definition: FunctionDefinition, input: string): Promise<void> {
  const { invoker, timers, functions } = options;
  const { name, triggerKind, triggerName } = definition;
  const event = triggerKind === 'eventGridTrigger' ? parseEvent(input) : undefined;
  if (triggerKind === 'timerTrigger' && !functions.errors.has(name)) {
    await invoker.invoke({ definition, data: timers.data(definition) });
  } else if (isObject(event)) {
    // The text as it was sent: its dates stay as they are.
    await invokeWithEvent(invoker, definition, event, { [triggerName]: { string: input } });
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
