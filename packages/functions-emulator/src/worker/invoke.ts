/** Runs one invocation as the real Node worker does: arguments, preInvocation hooks, handler, postInvocation hooks, response. */
import type { AppState, Callback, CoreContext, LogSink } from './functions-core.js';
import type { LibraryInternals, TriggerValue } from './library-internals.js';
import { markRepeatedTimers } from './repeated-timers.js';
import type { SentRequest } from './thread-messages.js';
import type { InvocationResult } from './worker-types.js';

const traceContext = { traceParent: '', traceState: '', attributes: {} };

/** Runs the handler of the function that the request names. Never rejects: what it throws is in the result. */
export async function invoke(request: SentRequest, state: AppState, log: LogSink): Promise<InvocationResult> {
  return (await run(request, undefined, state, log)).result;
}

/**
 * Runs an orchestrator.
 * @param value of its trigger, instead of the inputs that were sent.
 * @returns undefined if nothing has run and the history must be sent again.
 */
export async function invokeOrchestrator(
  request: SentRequest,
  value: TriggerValue,
  state: AppState,
  log: LogSink,
  internals: LibraryInternals,
): Promise<InvocationResult | undefined> {
  const { result, df } = await run(request, value, state, log);
  return internals.turnEnded(value, df) ? result : undefined;
}

async function run(
  request: SentRequest,
  triggerValue: TriggerValue | undefined,
  state: AppState,
  log: LogSink,
): Promise<{ readonly result: InvocationResult; readonly df: object | undefined }> {
  const { invocationId, functionName, inputs: inputData } = request;
  let invocation: { df?: object } = {};
  try {
    const registered = state.functions.get(functionName);
    if (!registered || !state.model) {
      throw new Error(`Function code for '${functionName}' is not loaded and cannot be invoked.`);
    }
    const { metadata } = registered;
    const core: CoreContext = {
      invocationId,
      metadata,
      request: {
        invocationId,
        functionId: functionName,
        inputData,
        triggerMetadata: request.triggerMetadata,
        traceContext,
        retryContext: request.retryContext,
      },
      state: undefined,
      log: (level, category, message) =>
        log(
          level,
          category === 'user' ? `Function.${functionName}.User` : `Function.${functionName}`,
          message,
          invocationId,
        ),
    };
    const model = state.model.getInvocationModel(core);
    const hookData = {};
    const { context, inputs } = await model.getArguments();
    invocation = context as typeof invocation;
    // Not through the model, which would parse a text again.
    if (triggerValue !== undefined) inputs[0] = triggerValue;

    const pre = { hookData, invocationContext: context, functionCallback: registered.callback, inputs };
    await runHooks('preInvocationHooks', core, state.hooks.preInvocation, pre);

    const post = {
      hookData,
      invocationContext: context,
      inputs: pre.inputs,
      result: null as unknown,
      error: null as unknown,
    };
    core.state = 'invocation';
    try {
      post.result = await model.invokeFunction(context, pre.inputs, pre.functionCallback);
    } catch (error) {
      post.error = error;
    }
    await runHooks('postInvocationHooks', core, state.hooks.postInvocation, post);

    // A thrown null or undefined counts as success, as it does in the real worker.
    if (post.error !== null && post.error !== undefined) throw post.error;
    if (triggerValue !== undefined) markRepeatedTimers(post.result);
    const response = await model.getResponse(context, post.result);
    const result: InvocationResult = {
      kind: 'ok',
      returnValue: (response.returnValue ?? undefined) as never,
      outputs: (response.outputData ?? []) as never,
    };
    return { result, df: invocation.df };
  } catch (thrown) {
    const error = asError(thrown);
    const result: InvocationResult = {
      kind: 'error',
      name: error.name,
      message: error.message,
      stack: error.stack ?? '',
      thrown: thrown instanceof Error ? 'error' : thrown === null || thrown === undefined ? 'null' : 'other',
    };
    return { result, df: invocation.df };
  }
}

/** Whether the app has hooks that see what an invocation is given. */
export const hasInvocationHooks = ({ hooks }: AppState): boolean =>
  hooks.preInvocation.length > 0 || hooks.postInvocation.length > 0;

async function runHooks(
  phase: string,
  core: CoreContext,
  hooks: readonly Callback[],
  argument: object,
): Promise<void> {
  core.state = phase;
  for (const hook of hooks) await hook(argument);
  core.state = undefined;
}

/**
 * Converts a thrown value as the real worker does: it makes the message writable. Where that fails (a frozen error), it
 * rejects without a handler, which ends the process and every call in it.
 * https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/src/errors.ts
 */
function asError(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error(describe(thrown));
  if (Object.getOwnPropertyDescriptor(thrown, 'message')?.writable) return thrown;
  return Object.defineProperty(thrown, 'message', { value: thrown.message, writable: true });
}

function describe(thrown: unknown): string {
  if (thrown === null || thrown === undefined) return 'Unknown error';
  return typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown);
}
