/** Runs activities: at least once each, as many at a time as host.json allows. */
import { randomUUID } from 'node:crypto';
import type { Clock, HostEvent, Introspection } from '../types.js';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/worker-types.js';
import { activityRequest, resultText } from './activity-data.js';
import type { ActivityLeases } from './activity-leases.js';
import { callHttp } from './call-http.js';
import type { ActivityWorkItem } from './durable-store.js';
import { activityFailure, hostActivityFailure, workerFailure } from './failure-texts.js';
import { FairQueue } from './fair-queue.js';
import { type MessageEvent, newEvent, timestamp } from './history-events.js';
import { HTTP_ACTIVITY } from './turn/out-of-proc-shim.js';

export interface ActivityDispatcherOptions {
  readonly clock: Clock;
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly onEvent: (event: HostEvent) => void;
  readonly introspection: Introspection | undefined;
  readonly maxActivities: number;
}

/** Holds a virtual clock while an activity runs. */
interface Hold {
  release: () => void;
}

type ActivityResult =
  | { readonly kind: 'ok'; readonly text: string | null }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly failure: ReturnType<typeof activityFailure>;
    };

const ABORTED = 'The host is stopping: the activity was aborted and will run again.';

export class ActivityDispatcher {
  readonly #waiting = new FairQueue<ActivityWorkItem>();
  readonly #attempts = new Map<string, number>();
  readonly #running = new Map<ActivityWorkItem, Promise<void>>();
  readonly #delayed = new Set<() => void>();
  #stopped = false;
  #aborted = false;

  constructor(
    private readonly options: ActivityDispatcherOptions,
    private readonly functions: {
      readonly active: ReadonlyMap<string, FunctionDefinition>;
      /** Names in lower case, including disabled functions. */
      readonly known: ReadonlySet<string>;
    },
    private readonly leases: ActivityLeases,
    private readonly onCompleted: (task: ActivityWorkItem, event: MessageEvent) => void,
  ) {}

  start(task: ActivityWorkItem): void {
    this.#waiting.add(task, task.isNew);
    this.#next();
  }

  /**
   * Starts no more activities; resolves when the running ones have ended.
   * @param abort discards the results of running activities instead; the next start runs them again
   */
  async stop(abort: boolean): Promise<void> {
    this.#stopped = true;
    if (!abort) {
      await Promise.all(this.#running.values());
      return;
    }
    this.#aborted = true;
    await this.leases.abort([...this.#running.keys()]);
    for (const wake of this.#delayed) wake();
  }

  #next(): void {
    while (this.#running.size < this.options.maxActivities && !this.#stopped) {
      const task = this.#waiting.next();
      if (task === undefined) return;
      const hold = { release: this.options.clock.hold(`activity ${task.name}`) };
      const run = this.#run(task, hold)
        // The store has failed and reported it: no result may be used that cannot be stored.
        .catch(() => undefined)
        .then(() => {
          this.#running.delete(task);
          hold.release();
          this.#next();
        });
      this.#running.set(task, run);
    }
  }

  async #run(task: ActivityWorkItem, hold: Hold): Promise<void> {
    const { clock, onEvent } = this.options;
    await this.leases.acquire(task);
    if (this.#aborted) return;
    const invocationId = randomUUID();
    const about = {
      invocationId,
      trigger: 'activityTrigger' as const,
      name: task.name,
      instanceId: task.instanceId,
    };
    const startedAt = clock.now();
    // Values are parsed only if they are read.
    onEvent({
      kind: 'invocation-started',
      ...about,
      get input() {
        return inputOf(task);
      },
      at: startedAt,
    });
    const result = await this.#result(task, invocationId, hold);
    const ended = clock.now();
    const end = { kind: 'invocation-ended', ...about, durationMs: ended - startedAt, at: ended } as const;
    if (this.#aborted) {
      onEvent({ ...end, ok: false, error: ABORTED });
      return;
    }
    this.leases.stopRenewal(task);
    const at = timestamp(ended);
    const event =
      result.kind === 'ok'
        ? newEvent.taskCompleted(task.taskId, result.text, at)
        : newEvent.taskFailed(
            task.taskId,
            result.failure.reason,
            result.failure.details,
            result.failure.failure,
            at,
          );
    if (result.kind === 'failed') onEvent({ ...end, ok: false, error: result.message });
    else {
      const { text } = result;
      onEvent({
        ...end,
        ok: true,
        get result() {
          return parse(text);
        },
      });
    }
    this.onCompleted(task, event);
  }

  async #result(task: ActivityWorkItem, invocationId: string, hold: Hold): Promise<ActivityResult> {
    const replaced = await this.#intercept(task, hold);
    if (replaced !== undefined) return replaced;
    if (this.#aborted)
      return { kind: 'failed', message: ABORTED, failure: workerFailure(task.name, ABORTED) };
    if (task.name === HTTP_ACTIVITY) {
      const outcome = await callHttp(task.input ?? '{}');
      return outcome.kind === 'ok' ? outcome : { ...outcome, failure: hostActivityFailure(outcome.message) };
    }
    const definition = this.functions.active.get(task.name.toLowerCase());
    if (definition === undefined) return this.#notRunnable(task);
    const result = await this.options.invoke(
      activityRequest(definition, task.instanceId, task.input, invocationId),
    );
    if (result.kind === 'ok') return { kind: 'ok', text: resultText(result.returnValue) };
    return result.kind === 'error'
      ? { kind: 'failed', message: result.message, failure: activityFailure(task.name, result) }
      : { kind: 'failed', message: result.message, failure: workerFailure(task.name, result.message) };
  }

  /** The error texts of the Durable extension after 3.14; earlier versions retried a disabled activity forever. */
  #notRunnable({ name, instanceId }: ActivityWorkItem): ActivityResult {
    const { clock, onEvent } = this.options;
    const isDisabled = this.functions.known.has(name.toLowerCase());
    const message = `Activity function '${name}' ${isDisabled ? 'is disabled' : 'does not exist'}.`;
    if (isDisabled) {
      const text = `Activity function '${name}' was scheduled but is disabled. Failing the activity. InstanceId: ${instanceId}.`;
      onEvent({ kind: 'log', level: 'warning', category: 'Host.Durable', message: text, at: clock.now() });
    }
    return {
      kind: 'failed',
      message,
      failure: hostActivityFailure(`Activity function '${name}' failed: ${message}`),
    };
  }

  async #intercept(task: ActivityWorkItem, hold: Hold): Promise<ActivityResult | undefined> {
    const onActivity = this.options.introspection?.onActivity;
    if (onActivity === undefined) return undefined;
    const key = JSON.stringify([task.instanceId, task.name, task.input]);
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    const fault = onActivity({ instanceId: task.instanceId, name: task.name, input: inputOf(task), attempt });
    if (fault?.kind === 'fail') {
      const thrown = {
        kind: 'error',
        name: 'Error',
        message: fault.message,
        stack: `Error: ${fault.message}`,
        thrown: 'error',
      } as const;
      return { kind: 'failed', message: fault.message, failure: activityFailure(task.name, thrown) };
    }
    if (fault?.kind === 'replace') {
      return { kind: 'ok', text: fault.result === undefined ? null : JSON.stringify(fault.result) };
    }
    if (fault?.kind === 'delay') await this.#sleep(fault.ms, hold);
    return undefined;
  }

  /** Releases the clock during the delay, or a virtual clock would never reach its end. */
  #sleep(ms: number, hold: Hold): Promise<void> {
    const { clock } = this.options;
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#delayed.delete(wake);
        hold.release = clock.hold('a delayed activity');
        resolve();
      };
      const cancel = clock.at(clock.now() + ms, wake);
      this.#delayed.add(wake);
      hold.release();
    });
  }
}

/** As the app gets it: strings are JSON-encoded once more. */
function inputOf(task: ActivityWorkItem): unknown {
  const value = parse(task.input);
  return typeof value === 'string' ? parse(value) : value;
}

function parse(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
