/** One batch of an entity: sorts the messages, calls the app once, and sends signals and responses. */
import { z } from 'zod';
import type { FunctionDefinition, InvocationRequest, InvocationResult } from '../worker/worker-types.js';
import { type EventRaised, newEvent, timestamp } from './history-events.js';
import { type ReceiveBuffer, receiveInOrder } from './message-sorter.js';
import type { OutgoingMessage } from './process-actions.js';
import { sanitise } from './sanitiser.js';
import {
  entityInstanceId,
  lockSet,
  parseEntityId,
  type ReleaseMessage,
  type RequestMessage,
  requestText,
  responseText,
  SendLabels,
} from './turn/entity-messages.js';

/** What an entity's scheduler keeps between batches. */
export interface EntityState {
  readonly exists: boolean;
  /** JSON text, or null. */
  readonly state: string | null;
  readonly queue: readonly RequestMessage[];
  readonly lockedBy: string | null;
  readonly received: Readonly<Record<string, ReceiveBuffer>>;
  readonly sent: Readonly<Record<string, string>>;
}

export const emptyEntity: EntityState = {
  exists: false,
  state: null,
  queue: [],
  lockedBy: null,
  received: {},
  sent: {},
};

export interface EntityRunner {
  /** undefined if the app has no such entity, or a setting switches it off: its operations then fail. */
  readonly definition: FunctionDefinition | undefined;
  readonly invoke: (request: InvocationRequest) => Promise<InvocationResult>;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface EntityBatchOutcome {
  readonly state: EntityState;
  readonly messages: readonly OutgoingMessage[];
  /** Why the app's code could not be run, if so. */
  readonly failure: string | undefined;
  /** Names of the operations that threw. */
  readonly failed: readonly string[];
}

const resultSchema = z.object({
  entityExists: z.boolean(),
  entityState: z.string().nullish(),
  results: z.array(z.object({ isError: z.boolean(), result: z.string().nullish() })),
  signals: z.array(
    z.object({
      target: z.object({ name: z.string(), key: z.string() }),
      name: z.string(),
      input: z.string().nullish(),
    }),
  ),
});
type EntityResponse = z.infer<typeof resultSchema>;

/**
 * Executes the messages' operations, and all queued operations that they unblock.
 * @returns undefined if the app's thread ended: nothing has happened then.
 */
export async function executeEntityBatch(
  runner: EntityRunner,
  instanceId: string,
  before: EntityState,
  messages: readonly EventRaised[],
): Promise<EntityBatchOutcome | undefined> {
  const scheduler = new EntityScheduler(instanceId, before, runner);
  for (const message of messages) scheduler.accept(message);
  scheduler.prioritiseLockHolder();
  let failure: string | undefined;
  for (;;) {
    const { operations, lock } = scheduler.nextBatch();
    if (operations.length === 0 && lock === undefined) break;
    if (operations.length > 0) {
      const result = await callApp(runner, instanceId, scheduler, operations);
      if (result === undefined) return undefined;
      if (typeof result === 'string') {
        failure = result;
        scheduler.failOperations(operations, result);
      } else scheduler.apply(operations, result);
    }
    if (lock !== undefined) scheduler.grantLock(lock);
  }
  return { state: scheduler.toState(), messages: scheduler.outgoing, failure, failed: scheduler.failed };
}

async function callApp(
  runner: EntityRunner,
  instanceId: string,
  scheduler: EntityScheduler,
  operations: readonly RequestMessage[],
): Promise<EntityResponse | string | undefined> {
  const { definition } = runner;
  if (definition === undefined)
    return `The function '${parseEntityId(instanceId)?.name}' doesn't exist, is disabled, or is not an entity function.`;
  const binding = {
    self: { ...parseEntityId(instanceId), name: definition.name.toLowerCase() },
    exists: scheduler.exists,
    state: scheduler.state,
    batch: operations.map((request) => ({
      name: request.op,
      input: request.input ?? null,
      isSignal: request.signal === true,
      id: request.id,
    })),
  };
  const result = await runner.invoke({
    functionName: definition.name,
    invocationId: runner.newId(),
    inputs: [{ name: definition.triggerName, data: { string: JSON.stringify(binding) } }],
    triggerMetadata: {},
  });
  if (result.kind === 'fault') return undefined;
  if (result.kind === 'error') return sanitise(result.message);
  const data = result.returnValue;
  const text = data !== undefined && 'json' in data ? data.json : 'null';
  const parsed = resultSchema.safeParse(JSON.parse(text));
  return parsed.success && parsed.data.results.length === operations.length
    ? parsed.data
    : 'The entity did not return a state of the durable-functions library.';
}

class EntityScheduler {
  exists: boolean;
  state: string | null;
  readonly outgoing: OutgoingMessage[] = [];
  readonly failed: string[] = [];
  #queue: RequestMessage[];
  #lockedBy: string | null;
  readonly #fromLockHolder: RequestMessage[] = [];
  readonly #received: Record<string, ReceiveBuffer>;
  readonly #labels: SendLabels;

  constructor(
    private readonly instanceId: string,
    before: EntityState,
    private readonly runner: EntityRunner,
  ) {
    this.exists = before.exists;
    this.state = before.state;
    this.#queue = [...before.queue];
    this.#lockedBy = before.lockedBy;
    this.#received = structuredClone(before.received);
    this.#labels = new SendLabels(before.sent);
  }

  accept(event: EventRaised): void {
    const text = event.Input ?? '{}';
    if (event.Name === 'release') {
      const release = JSON.parse(text) as ReleaseMessage;
      if (this.#lockedBy === release.parent) this.#lockedBy = null;
      return;
    }
    if (!/^op(@|$)/.test(event.Name)) return;
    const request = JSON.parse(text) as RequestMessage;
    const due = request.due !== undefined;
    for (const message of due ? [request] : receiveInOrder(this.#received, request)) {
      if (this.#lockedBy !== null && this.#lockedBy === message.parent) this.#fromLockHolder.push(message);
      else this.#queue.push(message);
    }
  }

  /** Who holds the lock is served before all who wait. */
  prioritiseLockHolder(): void {
    this.#queue = [...this.#fromLockHolder.splice(0), ...this.#queue];
  }

  nextBatch(): { readonly operations: readonly RequestMessage[]; readonly lock: RequestMessage | undefined } {
    const operations: RequestMessage[] = [];
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || (this.#lockedBy !== null && this.#lockedBy !== next.parent)) {
        return { operations, lock: undefined };
      }
      this.#queue.shift();
      if (next.lockset !== undefined) return { operations, lock: next };
      operations.push(next);
    }
  }

  apply(operations: readonly RequestMessage[], result: EntityResponse): void {
    this.exists = result.entityExists;
    this.state = result.entityState ?? null;
    operations.forEach((request, index) => {
      const outcome = result.results[index];
      if (outcome === undefined) return;
      if (outcome.isError) this.failed.push(request.op ?? '');
      this.#respond(request, outcome.result ?? null, outcome.isError);
    });
    for (const signal of result.signals) {
      // Taken as the app spelled it: the real host does not lower the case here.
      const target = `@${signal.target.name}@${signal.target.key}`;
      const request: RequestMessage = {
        op: signal.name,
        signal: true,
        ...(signal.input == null ? {} : { input: signal.input }),
        id: this.runner.newId(),
        parent: this.instanceId,
      };
      this.#send(target, { ...request, ...this.#labels.next(target, this.runner.now()) });
    }
  }

  failOperations(operations: readonly RequestMessage[], why: string): void {
    for (const request of operations) this.#respond(request, JSON.stringify(why), true);
  }

  grantLock(request: RequestMessage): void {
    this.#lockedBy = request.parent ?? null;
    const set = request.lockset ?? [];
    const position = (request.pos ?? 0) + 1;
    const next = set[position];
    if (next === undefined) this.#sendResponse(request, 'Lock Acquisition Completed', false);
    else
      this.#send(entityInstanceId(next.name, next.key), {
        ...request,
        lockset: lockSet(set) ?? [],
        pos: position,
      });
  }

  toState(): EntityState {
    return {
      exists: this.exists,
      state: this.state,
      queue: this.#queue,
      lockedBy: this.#lockedBy,
      received: this.#received,
      sent: this.#labels.toJSON(),
    };
  }

  #respond(request: RequestMessage, result: string | null, failed: boolean): void {
    if (request.signal !== true) this.#sendResponse(request, result, failed);
  }

  #sendResponse(request: RequestMessage, result: string | null, failed: boolean): void {
    const now = this.runner.now();
    this.outgoing.push({
      instanceId: request.parent ?? '',
      executionId: request.parentExecution ?? null,
      visibleAt: now,
      event: newEvent.eventRaised(request.id, responseText(result, failed), timestamp(now)),
    });
  }

  #send(target: string, request: RequestMessage): void {
    const now = this.runner.now();
    this.outgoing.push({
      instanceId: target,
      executionId: null,
      visibleAt: now,
      event: newEvent.eventRaised('op', requestText(request), timestamp(now)),
    });
  }
}
