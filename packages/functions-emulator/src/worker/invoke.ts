/** Runs one invocation as the real Node worker does: arguments, preInvocation hooks, handler, postInvocation hooks, response. */
import type { AppState, Callback, CoreContext, LogSink } from './functions-core.js';
import type { TriggerValue } from './history-cache.js';
import type { SentRequest } from './thread-messages.js';
import type { InvocationResult } from './worker-types.js';

const traceContext = { traceParent: '', traceState: '', attributes: {} };

/** @param triggerValue the value of an orchestration's trigger, instead of the inputs that were sent */
export async function invoke(
  request: SentRequest,
  binding: TriggerValue | undefined,
  state: AppState,
  log: LogSink,
): Promise<InvocationResult> {
  const { invocationId, functionName } = request;
  const [trigger, ...others] = request.inputs;
  // The library passes an `int` through, which avoids parsing the value a second time.
  const inputData =
    binding && trigger ? [{ name: trigger.name, data: { int: binding } }, ...others] : request.inputs;
  let given: { df?: unknown } = {};
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
    given = context as typeof given;

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
    const response = await model.getResponse(context, post.result);
    return {
      kind: 'ok',
      returnValue: (response.returnValue ?? undefined) as never,
      outputs: (response.outputData ?? []) as never,
    };
  } catch (thrown) {
    const error = asError(thrown);
    return {
      kind: 'error',
      name: error.name,
      message: error.message,
      stack: error.stack ?? '',
      thrown: thrown instanceof Error ? 'error' : thrown === null || thrown === undefined ? 'null' : 'other',
    };
  } finally {
    if (binding !== undefined && !hasInvocationHooks(state)) releaseReplayState(binding, given.df);
  }
}

/** Whether the app has hooks that see what an invocation is given. */
export const hasInvocationHooks = ({ hooks }: AppState): boolean =>
  hooks.preInvocation.length > 0 || hooks.postInvocation.length > 0;

/**
 * Releases what only the libraries still reference of an answered turn. They create a generator function for each call,
 * and V8 frees what such a function can see only in a full garbage collection.
 */
function releaseReplayState(binding: TriggerValue, df: unknown): void {
  binding.history.length = 0;
  binding.input = undefined;
  const { taskOrchestratorExecutor: executor } = (df ?? {}) as { taskOrchestratorExecutor?: unknown };
  for (const holder of [df, executor]) {
    if (typeof holder !== 'object' || holder === null) continue;
    for (const name of Object.keys(holder)) (holder as Record<string, unknown>)[name] = undefined;
  }
}

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
