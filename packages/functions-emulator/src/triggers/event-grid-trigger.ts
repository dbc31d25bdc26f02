/**
 * The Event Grid webhook. https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema and
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-event-grid-trigger
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BodyLimits, readText } from '../http/body.js';
import { reply } from '../http/reply.js';
import { queryValue, type RequestUrl } from '../http/request-url.js';
import { nestingDepth, parseLenientJson } from '../json/lenient-json.js';
import { MAX_DEPTH, rewriteDates } from '../json/newtonsoft.js';
import type { FunctionDefinition, InvocationResult, TypedData } from '../worker/worker-types.js';
import type { FunctionInvoker } from './function-invoker.js';

const plainText = { 'Content-Type': 'text/plain; charset=utf-8' };

type Json = Record<string, unknown>;

export interface EventGridWebhookOptions {
  /** The served functions with an Event Grid trigger. */
  readonly functions: readonly FunctionDefinition[];
  readonly invoker: FunctionInvoker;
  readonly limits: BodyLimits;
}

/** Answers a call of `/runtime/webhooks/eventgrid`. */
export async function serveEventGridWebhook(
  options: EventGridWebhookOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestUrl,
): Promise<void> {
  const name = queryValue(url, 'functionname') ?? '';
  const definition = options.functions.find((candidate) => candidate.name === name);
  const kind = String(request.headersDistinct['aeg-event-type']?.[0] ?? '').toLowerCase();
  if (!definition) reply(response, 404, plainText, `cannot find function: '${name}'`);
  else if (request.method === 'OPTIONS')
    reply(response, 200, { 'Webhook-Allowed-Origin': 'eventgrid.azure.net' });
  else if (kind === 'unsubscribe') reply(response, 202);
  else if (kind === 'subscriptionvalidation')
    confirmSubscription(response, await readEvents(request, options.limits));
  else if (kind === 'notification')
    await deliver(options.invoker, definition, response, await readEvents(request, options.limits));
  else reply(response, 400);
}

function confirmSubscription(response: ServerResponse, events: readonly unknown[]): void {
  const code = validationCode(events[0]);
  if (code === undefined) reply(response, 500);
  else reply(response, 200, plainText, JSON.stringify({ validationResponse: code }));
}

async function deliver(
  invoker: FunctionInvoker,
  definition: FunctionDefinition,
  response: ServerResponse,
  events: readonly unknown[],
): Promise<void> {
  // The real extension starts the events one by one as it reads them, so those before a bad one do run.
  const firstBad = events.findIndex((event) => !isObject(event));
  const good = (firstBad < 0 ? events : events.slice(0, firstBad)) as Json[];
  const together = definition.trigger.cardinality === 'many';
  const batches = together ? (firstBad < 0 ? [good] : []) : good;
  const results = await Promise.all(batches.map((batch) => invokeWithEvent(invoker, definition, batch)));
  if (firstBad >= 0) reply(response, 500);
  else if (results.every((result) => result.kind === 'ok')) reply(response, 202);
  else reply(response, 500, plainText, `Exception while executing function: Functions.${definition.name}`);
}

/** Invokes the function with one event, or with an array for cardinality many. */
export function invokeWithEvent(
  invoker: FunctionInvoker,
  definition: FunctionDefinition,
  event: Json | Json[],
  more: Readonly<Record<string, TypedData>> = {},
): Promise<InvocationResult> {
  const data = Array.isArray(event) ? event.map((one) => one.data) : event.data;
  const metadata = data === undefined ? more : { data: { json: JSON.stringify(data) }, ...more };
  return invoker.invoke({
    definition,
    data: { json: JSON.stringify(event) },
    metadata,
    observedInput: event,
  });
}

/** The events of a request, with dates as the real host passes them on; an invalid event becomes null. */
async function readEvents(request: IncomingMessage, limits: BodyLimits): Promise<readonly unknown[]> {
  const text = await readText(request, limits);
  const value = text === undefined ? undefined : parseEvent(text);
  if (Array.isArray(value)) return value;
  return isObject(value) ? [value] : [null];
}

/** The text as JSON with normalised dates, or undefined if it is invalid or nested too deeply. */
export function parseEvent(text: string): unknown {
  if (nestingDepth(text) > MAX_DEPTH) return undefined;
  try {
    return rewriteDates(parseLenientJson(text));
  } catch {
    return undefined;
  }
}

function validationCode(event: unknown): string | undefined {
  if (!isObject(event)) return undefined;
  const data = typeof event.data === 'string' ? parseEvent(event.data) : event.data;
  return isObject(data) && typeof data.validationCode === 'string' ? data.validationCode : undefined;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
