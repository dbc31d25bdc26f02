/** The orchestrator's only access to durable-functions: typed, and deterministic on replay. */
import { EntityId, type OrchestrationContext, type Task, type TimerTask } from 'durable-functions';
import { type AliasAnswer, aliasAnswerSchema } from '../domain/alias.js';
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
  type Result,
  readResult,
} from './activities.js';

export type Context = OrchestrationContext;
export type { Task, TimerTask };
/** The generator that durable-functions runs. */
export type Steps<T> = Generator<Task, T, unknown>;

export const ORCHESTRATOR = 'handleIncident';
export const CASE_ENTITY = 'case';
export const CASE_OPERATION = 'record';
/** Operation by which other incidents add a note to a case file. */
export const NOTE_OPERATION = 'note';
export const RELIANCE_ENTITY = 'reliance';
export const RELIANCE_OPERATION = 'request';
/** Entity names are lower case; its key is the id that an instance of the alias would have. */
export const ALIAS_ENTITY = 'alias';
export const ALIAS_OPERATION = 'claim';

/** The orchestration's own time in milliseconds since the epoch: the same on every replay. */
export function now(ctx: Context): number {
  return ctx.df.currentUtcDateTime.getTime();
}

/** The orchestration's own time, or another one, as ISO 8601 in UTC. */
export function isoTime(ctx: Context, at = now(ctx)): string {
  return dateAt(at).toISOString();
}

/** Writes times as ISO 8601 in UTC. */
export function isoOf(ctx: Context): (at: number) => string {
  return (at) => isoTime(ctx, at);
}

/** Milliseconds since the epoch of a time in ISO 8601. */
export function timeOf(iso: string): number {
  return Date.parse(iso);
}

/** The one use of the Date constructor, for times taken from the history. */
export function dateAt(at: number): Date {
  return new Date(at);
}

/** Creates the task of an activity; `settled` reads its result. */
export function activityTask<N extends ActivityName>(ctx: Context, name: N, input: ActivityInput<N>): Task {
  return ctx.df.callActivity(name, input);
}

/** The result of a completed `activityTask`. If the activity itself failed (it threw, or the worker stopped), the result is an error. */
export function settled<N extends ActivityName>(name: N, task: Task): Result<ActivityOutput<N>> {
  return task.isFaulted ? activityFault(name, task.result) : readResult(name, task.result);
}

function activityFault(name: string, thrown: unknown): Result<never> {
  const text = thrown instanceof Error ? thrown.message : 'no reason given';
  return {
    ok: false,
    error: {
      code: 'activity-failed',
      message: cleanErrorText(`Activity ${name} failed: ${text}`),
      fault: 'responder',
      retry: 'check-before-retry',
    },
  };
}

/** Sends one update to the case file of the run. Signals of one instance arrive in order. */
export function signalCase(ctx: Context, seal: Sealer['seal'], generation: number, update: CaseUpdate): void {
  const { instanceId } = ctx.df;
  const { sequence } = update;
  const sealed = seal(update, { purpose: 'case-update', instanceId, generation, sequence });
  const entity = new EntityId(CASE_ENTITY, caseKeyOf({ instanceId, generation }));
  ctx.df.signalEntity(entity, CASE_OPERATION, sealed);
}

/** Adds a note to the case file of another run. */
export function signalNote(ctx: Context, seal: Sealer['seal'], run: Run, note: CaseNote): void {
  const { instanceId, generation } = run;
  const sealed = seal(note, { purpose: 'reliance', instanceId, generation, sequence: 0 });
  ctx.df.signalEntity(new EntityId(CASE_ENTITY, caseKeyOf(run)), NOTE_OPERATION, sealed);
}

/** Creates the task that calls the reliance entity of an effect; `relianceAnswer` reads its result. */
export function relianceTask(ctx: Context, key: string, sealed: SealedMessage): Task {
  return ctx.df.callEntity(new EntityId(RELIANCE_ENTITY, key), RELIANCE_OPERATION, sealed);
}

/** A failed or unreadable answer becomes `refused` with code `not-understood`. */
export function relianceAnswer(task: Task): RelianceAnswer {
  const parsed = relianceAnswerSchema.safeParse(task.result);
  return !task.isFaulted && parsed.success ? parsed.data : { state: 'refused', code: 'not-understood' };
}

/** Signals the reliance entity of an effect, without an answer. */
export function signalReliance(ctx: Context, key: string, sealed: SealedMessage): void {
  ctx.df.signalEntity(new EntityId(RELIANCE_ENTITY, key), RELIANCE_OPERATION, sealed);
}

/** Creates the task that claims an alias of the incident; `aliasAnswer` reads its result. */
export function aliasTask(ctx: Context, alias: string, sealed: SealedMessage): Task {
  return ctx.df.callEntity(new EntityId(ALIAS_ENTITY, alias), ALIAS_OPERATION, sealed);
}

/** A failed or unreadable answer becomes `refused`. */
export function aliasAnswer(task: Task): AliasAnswer {
  const parsed = aliasAnswerSchema.safeParse(task.result);
  return !task.isFaulted && parsed.success ? parsed.data : { state: 'refused' };
}

/** Claims an alias for another instance, without an answer. */
export function signalAlias(ctx: Context, alias: string, sealed: SealedMessage): void {
  ctx.df.signalEntity(new EntityId(ALIAS_ENTITY, alias), ALIAS_OPERATION, sealed);
}

/** Must also run on replay: a status that a turn does not set is lost. */
export function showStatus(ctx: Context, status: InstanceStatus): void {
  ctx.df.setCustomStatus(status);
}
