/** The orchestrator's only door to durable-functions: typed, and nothing that could differ on replay. */
import { EntityId, type OrchestrationContext, type Task, type TimerTask } from 'durable-functions';
import type { Run } from '../domain/approval.js';
import type { CaseUpdate } from '../domain/case-file-updates.js';
import type { CaseNote } from '../domain/case-note.js';
import { caseKeyOf } from '../domain/case-record.js';
import { cleanErrorText } from '../domain/error-text.js';
import type { InstanceStatus } from '../domain/instance-status.js';
import { type RelianceAnswer, relianceAnswerSchema } from '../domain/reliance.js';
import type { SealedMessage, Sealer } from '../domain/sealed.js';
import {
  type ActivityInput,
  type ActivityName,
  type ActivityOutput,
  type Envelope,
  readEnvelope,
} from './activities.js';

export type Context = OrchestrationContext;
export type { Task, TimerTask };
/** What the library runs. */
export type Steps<T> = Generator<Task, T, unknown>;

export const ORCHESTRATOR = 'handleIncident';
export const CASE_ENTITY = 'case';
export const CASE_OPERATION = 'record';
/** What other incidents note in a case file. */
export const NOTE_OPERATION = 'note';
export const RELIANCE_ENTITY = 'reliance';
export const RELIANCE_OPERATION = 'hear';

/** The orchestration's own time in milliseconds since the epoch: the same on every replay. */
export function now(ctx: Context): number {
  return ctx.df.currentUtcDateTime.getTime();
}

/** The orchestration's own time, or another one, as ISO 8601 in UTC. */
export function isoTime(ctx: Context, at = now(ctx)): string {
  return dateAt(at).toISOString();
}

/** Milliseconds since the epoch of a time in ISO 8601. */
export function timeOf(iso: string): number {
  return Date.parse(iso);
}

/** The one use of the Date constructor: of a time that came out of the history. */
export function dateAt(at: number): Date {
  return new Date(at);
}

/** Makes the task of an activity; `settled` reads its result. */
export function activityTask<N extends ActivityName>(ctx: Context, name: N, input: ActivityInput<N>): Task {
  return ctx.df.callActivity(name, input);
}

/** The result of a task of `activityTask` that has completed. A fault of the activity itself (the worker died, it threw) is an error like any other. */
export function settled<N extends ActivityName>(name: N, task: Task): Envelope<ActivityOutput<N>> {
  return task.isFaulted ? activityFault(name, task.result) : readEnvelope(name, task.result);
}

function activityFault(name: string, thrown: unknown): Envelope<never> {
  const text = thrown instanceof Error ? thrown.message : 'no reason given';
  return {
    ok: false,
    error: {
      code: 'activity-failed',
      message: cleanErrorText(`Activity ${name} failed: ${text}`),
      blame: 'responder',
      retry: 'read-first',
    },
  };
}

/** Sends one update to the case file of the run; signals of one instance keep their order. */
export function signalCase(ctx: Context, seal: Sealer['seal'], generation: number, update: CaseUpdate): void {
  const { instanceId } = ctx.df;
  const { sequence } = update;
  const sealed = seal(update, { purpose: 'case-update', instanceId, generation, sequence });
  const entity = new EntityId(CASE_ENTITY, caseKeyOf({ instanceId, generation }));
  ctx.df.signalEntity(entity, CASE_OPERATION, sealed);
}

/** Notes something in the case file of another run. */
export function signalNote(ctx: Context, seal: Sealer['seal'], run: Run, note: CaseNote): void {
  const { instanceId, generation } = run;
  const sealed = seal(note, { purpose: 'reliance', instanceId, generation, sequence: 0 });
  ctx.df.signalEntity(new EntityId(CASE_ENTITY, caseKeyOf(run)), NOTE_OPERATION, sealed);
}

/** Makes the task that asks who relies on an effect; `relianceAnswer` reads its result. */
export function relianceTask(ctx: Context, key: string, sealed: SealedMessage): Task {
  return ctx.df.callEntity(new EntityId(RELIANCE_ENTITY, key), RELIANCE_OPERATION, sealed);
}

/** An entity that could not answer understood nothing. */
export function relianceAnswer(task: Task): RelianceAnswer {
  const parsed = relianceAnswerSchema.safeParse(task.result);
  return !task.isFaulted && parsed.success ? parsed.data : { state: 'refused', code: 'not-understood' };
}

/** Tells who relies on an effect; nobody answers. */
export function signalReliance(ctx: Context, key: string, sealed: SealedMessage): void {
  ctx.df.signalEntity(new EntityId(RELIANCE_ENTITY, key), RELIANCE_OPERATION, sealed);
}

/** Must run on replay too: what a turn does not set is gone. */
export function showStatus(ctx: Context, status: InstanceStatus): void {
  ctx.df.setCustomStatus(status);
}
