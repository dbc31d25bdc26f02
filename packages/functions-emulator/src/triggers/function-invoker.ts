/** Invokes functions for triggers: collects inputs, applies the retry policy, reports events, and counts running calls. */
import { randomUUID } from 'node:crypto';
import type { Log } from '../log.js';
import { monotonicNow } from '../real-time.js';
import type { Clock, HostEvent } from '../types.js';
import type {
  FunctionDefinition,
  InvocationRequest,
  InvocationResult,
  TypedData,
} from '../worker/worker-types.js';
import { parseRetryPolicy, type RetryPolicy } from './retry-policy.js';

export type InputBinding = (
  definition: FunctionDefinition,
  binding: Readonly<Record<string, unknown>>,
  invocationId: string,
) => TypedData | undefined;

export interface TriggeredFunction {
  readonly definition: FunctionDefinition;
  readonly data: TypedData;
  readonly metadata?: Readonly<Record<string, TypedData>>;
  /** What watchers of the host see as the input; no secrets. */
  readonly observedInput?: unknown;
  /** Called with the id of each try before it starts. */
  readonly onAttempt?: (invocationId: string) => void;
}

export interface FunctionInvokerOptions {
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly clock: Clock;
  readonly inputBinding: InputBinding | undefined;
  readonly onEvent: (event: HostEvent) => void;
  readonly log: Log;
}

export class FunctionInvoker {
  #running = 0;
  #idle: (() => void)[] = [];
  readonly #policies = new Map<string, RetryPolicy | undefined>();

  constructor(private readonly options: FunctionInvokerOptions) {}

  /** Calls under way. */
  get running(): number {
    return this.#running;
  }

  /** Runs the function until it succeeds or its retry policy is used up. Never rejects. */
  async invoke(trigger: TriggeredFunction): Promise<InvocationResult> {
    const { clock } = this.options;
    const policy = this.#policy(trigger.definition);
    this.#running++;
    let release = clock.hold(`function ${trigger.definition.name}`);
    try {
      for (let retryCount = 0, exception: object | undefined; ; retryCount++) {
        const retryContext = policy && {
          retryCount,
          maxRetryCount: policy.maxRetryCount,
          ...(exception ? { exception } : {}),
        };
        const result = await this.#attempt(trigger, retryContext);
        if (
          result.kind === 'ok' ||
          !policy ||
          (policy.maxRetryCount >= 0 && retryCount >= policy.maxRetryCount)
        )
          return result;
        exception = describeFailure(trigger.definition.name, result);
        const due = clock.now() + policy.delayMs(retryCount);
        release();
        await new Promise<void>((resolve) => void clock.at(due, resolve));
        release = clock.hold(`function ${trigger.definition.name}`);
      }
    } finally {
      release();
      this.#running--;
      if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Resolves when no triggered function is running. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #policy(definition: FunctionDefinition): RetryPolicy | undefined {
    if (!this.#policies.has(definition.name))
      this.#policies.set(definition.name, parseRetryPolicy(definition.retryOptions));
    return this.#policies.get(definition.name);
  }

  async #attempt(
    trigger: TriggeredFunction,
    retryContext: InvocationRequest['retryContext'],
  ): Promise<InvocationResult> {
    const { definition } = trigger;
    const { clock, onEvent } = this.options;
    const invocationId = randomUUID();
    const inputs = [{ name: definition.triggerName, data: trigger.data }];
    for (const [name, binding] of Object.entries(definition.bindings)) {
      if (name === definition.triggerName || binding.direction !== 'in') continue;
      const data = this.options.inputBinding?.(definition, binding, invocationId);
      if (data) inputs.push({ name, data });
    }
    const about = { invocationId, trigger: definition.triggerKind, name: definition.name };
    const input = trigger.observedInput === undefined ? {} : { input: trigger.observedInput };
    onEvent({ kind: 'invocation-started', ...about, ...input, at: clock.now() });
    const started = monotonicNow();
    trigger.onAttempt?.(invocationId);
    const result = await this.options.invoke({
      functionName: definition.name,
      invocationId,
      inputs,
      triggerMetadata: trigger.metadata ?? {},
      ...(retryContext ? { retryContext } : {}),
    });
    const ok = result.kind === 'ok';
    onEvent({
      kind: 'invocation-ended',
      ...about,
      ok,
      ...(ok ? {} : { error: result.message }),
      durationMs: monotonicNow() - started,
      at: clock.now(),
    });
    if (!ok)
      this.options.log(
        'error',
        `Function.${definition.name}`,
        `Executed 'Functions.${definition.name}' (Failed, Id=${invocationId}): ${result.message}`,
      );
    return result;
  }
}

/** The exception that the next try finds in its retry context. */
function describeFailure(name: string, result: Exclude<InvocationResult, { kind: 'ok' }>): object {
  const cause =
    result.kind === 'fault'
      ? `Microsoft.Azure.WebJobs.Script.Workers.WorkerProcessExitException : ${result.message}`
      : `Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException : Result: Failure\nException: ${result.message}\nStack: ${result.stack}`;
  return {
    message: `Microsoft.Azure.WebJobs.Host.FunctionInvocationException : Exception while executing function: Functions.${name} ---> ${cause}`,
    source: 'System.Private.CoreLib',
    stackTrace: result.kind === 'fault' ? '' : result.stack,
  };
}
