/**
 * Executes the library's actions one after the other, as the real host does: each is called, then awaited, before the
 * next one gets its sequence numbers. Where the library counts differently, results shift; here they shift likewise.
 */

import {
  type Coroutine,
  type Deferred,
  failed,
  runCoroutine,
  settled,
  whenAll,
  whenAny,
} from './deferred.js';
import {
  entityInstanceId,
  guidOf,
  lockSet,
  parseEntityId,
  type RequestMessage,
  releaseText,
  requestText,
  SendLabels,
} from './entity-messages.js';
import { type DurableHttpResponse, pollRequest, retryAfterMs } from './http-polling.js';
import type { OrchestrationContext } from './orchestration-context.js';
import { jsonText, OrchestrationFailure } from './orchestrator-actions.js';
import { ActionType, type OutOfProcAction, type RetryOptions } from './orchestrator-state.js';
import { type ActionSlot, PendingExternalEvents } from './pending-external-events.js';

const DAY = 86_400_000;
/** Longer timers are cut into hops, by the library and by the host alike. */
export const MAX_TIMER_MS = 6 * DAY;
export const TIMER_HOP_MS = 3 * DAY;
/** The name of the host's activity for callHttp. */
export const HTTP_ACTIVITY = 'BuiltIn::HttpActivity';

export interface KnownFunctions {
  readonly activities: ReadonlySet<string>;
  readonly orchestrators: ReadonlySet<string>;
  readonly entities: ReadonlySet<string>;
}

/** The functions that can be called, from those that the app has registered. */
export function knownFunctions(
  functions: readonly { readonly name: string; readonly triggerKind: string }[],
): KnownFunctions {
  const named = (kind: string): string[] =>
    functions.filter(({ triggerKind }) => triggerKind === kind).map(({ name }) => name.toLowerCase());
  return {
    activities: new Set([...named('activityTrigger'), HTTP_ACTIVITY.toLowerCase()]),
    orchestrators: new Set(named('orchestrationTrigger')),
    entities: new Set(named('entityTrigger')),
  };
}

export interface InstanceIdentity {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | undefined;
}

const iso = (at: number): string => new Date(at).toISOString();

const hasCancelledTimer = (action: OutOfProcAction): boolean =>
  action.isCanceled === true || (action.compoundActions ?? []).some(hasCancelledTimer);

export class OutOfProcShim {
  readonly pendingEvents = new PendingExternalEvents();
  /** Calls of functions that do not exist: the real host waits for them forever. */
  readonly unknownFunctions: { readonly kind: string; readonly name: string }[] = [];
  /** Number of actions called so far. */
  executedActions = 0;
  #slot: ActionSlot = { position: 0, hasCancelledTimer: false, received: 0 };
  #longTimer = false;
  #guids = 0;
  /** Entities whose lock is held, in the order of their release. */
  #lock: { readonly id: string; readonly entities: string[] } | undefined;
  readonly #labels = new SendLabels();

  constructor(
    private readonly context: OrchestrationContext,
    private readonly identity: InstanceIdentity,
    private readonly known: KnownFunctions,
  ) {}

  *replay(actions: readonly OutOfProcAction[]): Coroutine {
    for (const action of actions) {
      this.executedActions += 1;
      this.#slot = {
        position: this.executedActions,
        hasCancelledTimer: hasCancelledTimer(action),
        received: 0,
      };
      const task = this.#call(action);
      try {
        yield task;
      } catch {
        // The app has seen this error already, and its reaction is in the actions that follow.
      }
    }
    return undefined;
  }

  /** Releases the locks that the orchestration still holds when it ends. */
  releaseLocks(): void {
    const lock = this.#lock;
    if (lock === undefined) return;
    this.#lock = undefined;
    for (const entity of lock.entities) {
      this.context.sendEvent(entity, 'release', releaseText(this.identity.instanceId, lock.id));
    }
  }

  #call(action: OutOfProcAction): Deferred {
    switch (action.actionType) {
      case ActionType.CallActivity:
        return this.#activity(action);
      case ActionType.CallActivityWithRetry:
        return this.#retry(
          action,
          () => this.#activity(action),
          this.#knows('activities', action.functionName),
        );
      case ActionType.CallSubOrchestrator:
        return this.#subOrchestration(action);
      case ActionType.CallSubOrchestratorWithRetry:
        return this.#retry(
          action,
          () => this.#subOrchestration(action),
          this.#knows('orchestrators', action.functionName),
        );
      case ActionType.ContinueAsNew:
        this.context.continueAsNew(jsonText(action.input));
        return settled(undefined);
      case ActionType.CreateTimer:
        return runCoroutine(this.#timer(Date.parse(action.fireAt ?? ''), action.isCanceled === true));
      case ActionType.WaitForExternalEvent:
        return this.pendingEvents.wait(action.externalEventName ?? '', this.#slot);
      case ActionType.CallEntity:
        return this.#callEntity(action);
      case ActionType.SignalEntity:
      case ActionType.ScheduledSignalEntity:
        this.#signalEntity(action);
        return settled(undefined);
      case ActionType.CallHttp:
        return runCoroutine(this.#http(action));
      case ActionType.WhenAll:
        return whenAll((action.compoundActions ?? []).map((inner) => this.#call(inner)));
      case ActionType.WhenAny:
        return whenAny((action.compoundActions ?? []).map((inner) => this.#call(inner)));
      case ActionType.LockEntities:
        return (action.lockSet ?? []).every(({ name }) => this.#knows('entities', name))
          ? runCoroutine(this.#acquire(action))
          : failed(new Error('unknown entity'));
      case ActionType.ReleaseEntities:
        this.releaseLocks();
        return settled(undefined);
      default:
        throw new Error(
          `Received an unexpected action type from the out-of-proc function: '${action.actionType}'.`,
        );
    }
  }

  #knows(kind: keyof KnownFunctions, name = ''): boolean {
    if (this.known[kind].has(name.toLowerCase())) return true;
    this.unknownFunctions.push({ kind, name });
    return false;
  }

  #activity(action: OutOfProcAction): Deferred {
    const name = action.functionName ?? '';
    if (!this.#knows('activities', name)) return failed(new Error(`unknown activity ${name}`));
    return this.context.scheduleActivity(name, action.input);
  }

  #subOrchestration(action: OutOfProcAction): Deferred {
    const name = action.functionName ?? '';
    const { instanceId, parentInstanceId } = this.identity;
    if (!this.#knows('orchestrators', name)) return failed(new Error(`unknown orchestrator ${name}`));
    const id = action.instanceId?.toLowerCase();
    if (id !== undefined && (id === instanceId.toLowerCase() || id === parentInstanceId?.toLowerCase())) {
      return failed(
        new Error(
          'The instance ID of a sub-orchestration must be different than the instance ID of a parent orchestration.',
        ),
      );
    }
    return this.context.createSubOrchestration(
      name,
      action.instanceId,
      action.input,
      action.version ?? undefined,
    );
  }

  #retry(action: OutOfProcAction, attempt: () => Deferred, known: boolean): Deferred {
    const options = action.retryOptions;
    if (!known || options === undefined) return failed(new Error(`unknown function ${action.functionName}`));
    return runCoroutine(this.#attempts(options, attempt));
  }

  *#attempts(options: RetryOptions, attempt: () => Deferred): Coroutine {
    const first = this.context.now;
    for (let tried = 1; ; tried += 1) {
      let error: Error;
      try {
        return yield attempt();
      } catch (thrown) {
        error = thrown as Error;
      }
      if (error instanceof OrchestrationFailure && error.failure?.IsNonRetriable === true) throw error;
      if (tried >= options.maxNumberOfAttempts) {
        // The library counts one more timer after the last attempt; it fires at once.
        yield this.context.createTimer(iso(this.context.now));
        throw error;
      }
      const timeout = options.retryTimeoutInMilliseconds;
      if (timeout !== undefined && this.context.now >= first + timeout) throw error;
      const backoff = options.backoffCoefficient ?? 1;
      const delay = Math.min(
        options.firstRetryIntervalInMilliseconds * backoff ** (tried - 1),
        options.maxRetryIntervalInMilliseconds ?? MAX_TIMER_MS,
      );
      if (delay === 0) throw error;
      yield this.context.createTimer(iso(this.context.now + delay));
    }
  }

  *#timer(fireAt: number, cancelled: boolean): Coroutine {
    let hop = fireAt;
    if (fireAt - this.context.now > MAX_TIMER_MS) {
      this.#longTimer = true;
      hop = this.context.now + TIMER_HOP_MS;
    }
    if (!this.#longTimer) {
      yield this.context.createTimer(iso(fireAt), cancelled);
    } else {
      while (this.context.now < fireAt) {
        yield this.context.createTimer(iso(hop), cancelled);
        hop = Math.min(fireAt, this.context.now + TIMER_HOP_MS);
      }
    }
    this.#longTimer = false;
    return undefined;
  }

  *#http(action: OutOfProcAction): Coroutine {
    const request = action.httpRequest;
    let response = yield this.context.scheduleActivity(HTTP_ACTIVITY, request);
    for (;;) {
      const answer = JSON.parse(String(response)) as DurableHttpResponse;
      if (answer.statusCode !== 202 || request?.asynchronousPatternEnabled !== true) return response;
      yield this.context.createTimer(iso(this.context.now + retryAfterMs(answer)));
      response = yield this.context.scheduleActivity(HTTP_ACTIVITY, pollRequest(request, answer));
    }
  }

  #callEntity(action: OutOfProcAction): Deferred {
    const target = parseEntityId(action.instanceId ?? '');
    if (target === undefined || !this.#knows('entities', target.name))
      return failed(new Error('unknown entity'));
    const id = this.#guid();
    const entity = entityInstanceId(target.name, target.key);
    const lock = this.#lock;
    const held = lock?.entities.indexOf(entity) ?? -1;
    // While it is called, its lock is not in the list; afterwards it is the last one.
    if (held >= 0) lock?.entities.splice(held, 1);
    this.#send(entity, this.#request(action, id, false));
    return runCoroutine(this.#response(id, held < 0 ? undefined : () => lock?.entities.push(entity)));
  }

  *#response(id: string, answered: (() => void) | undefined): Coroutine {
    const input = yield this.pendingEvents.wait(id, this.#slot, true);
    answered?.();
    const { exceptionType, result } = JSON.parse(String(input)) as {
      exceptionType?: string;
      result: string | null;
    };
    if (exceptionType !== undefined) throw new Error(result ?? '');
    return result;
  }

  #signalEntity(action: OutOfProcAction): void {
    const target = parseEntityId(action.instanceId ?? '');
    if (target === undefined || !this.#knows('entities', target.name)) {
      throw new Error(
        `The function '${target?.name ?? action.instanceId}' doesn't exist, is disabled, or is not an entity function.`,
      );
    }
    this.#send(entityInstanceId(target.name, target.key), this.#request(action, this.#guid(), true));
  }

  #request(action: OutOfProcAction, id: string, signal: boolean): RequestMessage {
    const input = jsonText(action.input);
    return {
      op: action.operation ?? '',
      ...(signal ? { signal } : {}),
      ...(input === null ? {} : { input }),
      id,
      parent: this.identity.instanceId,
      parentExecution: this.identity.executionId,
    };
  }

  *#acquire(action: OutOfProcAction): Coroutine {
    const set = lockSet(action.lockSet ?? []) ?? [];
    const id = this.#guid();
    const entities = set.map(({ name, key }) => entityInstanceId(name, key));
    const { instanceId, executionId } = this.identity;
    const labels = this.#labels.next(entities[0] ?? '', this.context.now);
    const request = {
      op: null,
      id,
      parent: instanceId,
      parentExecution: executionId,
      ...labels,
      lockset: set,
    };
    this.context.sendEvent(entities[0] ?? '', 'op', requestText(request));
    yield this.pendingEvents.wait(id, this.#slot, true);
    this.#lock = { id, entities };
    return undefined;
  }

  #send(receiver: string, request: RequestMessage): void {
    const labels = this.#labels.next(receiver, this.context.now);
    const message = { ...request, ...labels, requestTime: iso(this.context.now) };
    this.context.sendEvent(receiver, 'op', requestText(message));
  }

  #guid(): string {
    const name = `${this.identity.instanceId}_${iso(this.context.now)}_${this.#guids}`;
    this.#guids += 1;
    return guidOf(`host:${name}`);
  }
}
