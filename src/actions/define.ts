/** The authoring API: one file in the folder of its service declares one capability with it. */
import type { z } from 'zod';
import type { Duration } from '../domain/duration.js';
import type { EntityKind } from '../domain/entities.js';
import type { ReadOrigin } from '../domain/incident.js';
import type { IncidentChange } from '../domain/incident-change.js';
import type { LastingEffect } from '../domain/lasting-effect.js';
import type { RefusedStep } from '../domain/plan.js';
import type { Risk } from '../domain/risk.js';
import type { SubjectKind, SubjectOf } from '../domain/subject.js';
import type { EntityRecordKind, RecordRef, TargetRecord } from '../domain/target.js';
import type { Clients, Permission, QuotaFamily } from './services.js';

export type { Permission } from './services.js';

export interface ActionContext {
  readonly clients: Clients;
  readonly clock: { now(): number };
  readonly signal: AbortSignal;
  readonly incident: IncidentRef;
  /** The tenant whose directory is queried, if known. */
  readonly tenantId: string | undefined;
  readonly containment: Containment;
  /** Stable for (incident, action, target): the same on every repetition. */
  readonly idempotencyKey: string;
  /** Time of the decision, in milliseconds since the epoch: the same on every repetition. */
  readonly decidedAt: number;
  /** An earlier attempt was sent and its response was lost: an effect that is in force now may be its own. */
  readonly outcomeUnknown: boolean;
  /** `run` returned `prechecked`, and that is in the history: an effect that is in force now may be that of a lost call. */
  readonly prechecked: boolean;
}
/** What the settings of the tenant name for containment. Absent: not configured. */
export interface Containment {
  /** Object id of the group whose members Conditional Access keeps out. */
  readonly quarantineGroup?: string;
  /** Application ids, in lower case, that no response changes. */
  readonly protectedApps?: readonly string[];
  /** Application ids, in lower case, of the responder itself. */
  readonly ownApps?: readonly string[];
}
export interface IncidentRef {
  readonly key: string;
  /** Where it is read, and commented. Only an incident of Sentinel has a workspace. */
  readonly origin: ReadOrigin;
  readonly title: string;
  readonly number: string | undefined;
  /** When what it is about began, as the service says; ISO 8601, UTC. Absent: unknown. */
  readonly firstActivityAt?: string;
}

/** Why an entity, or its record, must not be used. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusedStep['code'];
  readonly reason: string;
  /** Records that may be the one; an analyst confirms one. */
  readonly candidates?: readonly RecordRef[];
}
/** An input, or the reason why there is none. */
export type InputOrRefusal<I> = { readonly ok: true; readonly input: I } | Refusal;
/** Exactly one record, with the service's data about it, or the reason why there is none. */
export type Resolution<R> = { readonly ok: true; readonly found: R; readonly record: TargetRecord } | Refusal;

type Subjects = { readonly [K in SubjectKind]: SubjectOf<K> };

/**
 * Resolves an entity to its one record of a service. All actions on one kind of record share the resolver, so that
 * findings, decisions and responses are about the same record.
 */
export interface Resolver<K extends SubjectKind = SubjectKind, Q = unknown, R = unknown> {
  readonly kind: EntityRecordKind;
  /** All identifiers that the incident gives, as JSON. */
  readonly query: z.ZodType<Q>;
  /** Refuses, without a call, entities that the service cannot be queried for. */
  identify(entity: Subjects[K]): InputOrRefusal<Q>;
  /**
   * All identifiers that the service has must belong to the same record. Throws if the service does not answer: a target
   * is never guessed.
   */
  resolve(query: Q, ctx: ActionContext): Promise<Resolution<R>>;
  /** The current record with this id; refused if it no longer exists. */
  read(id: string, ctx: ActionContext): Promise<Resolution<R>>;
}

interface Declaration<K extends SubjectKind> {
  /** `service.what`, e.g. `defender.device`. */
  readonly name: string;
  readonly title: string;
  /** Deep link to the service's documentation of the call. */
  readonly docs: string;
  readonly entity: K;
  readonly permissions: readonly Permission[];
  /** The throttling family of its calls. */
  readonly quota: QuotaFamily;
  /** What one run takes from the quota, apart from finding its record: calls if nothing fails, with those of the precheck. */
  readonly calls: number;
}

export interface Enrichment<R = unknown, O = unknown, K extends EntityKind = EntityKind>
  extends Declaration<K> {
  readonly kind: 'enrichment';
  readonly resolver: Resolver<K, unknown, R>;
  readonly output: z.ZodType<O>;
  /** @param found the resolver's result. */
  run(found: R, ctx: ActionContext): Promise<O>;
}

/** The result of `run`. `output` is all that `undo` may use. */
export interface RunResult<O> {
  readonly state: 'requested' | 'already-done' | 'already-in-progress';
  readonly output: O;
  /** Short facts for the record: request ids, action ids, times. */
  readonly evidence: Readonly<Record<string, string>>;
  /** The effect was neither in force nor in progress before this call. Absent: it was, or that is unknown. */
  readonly began?: true;
}
/**
 * The precheck found something to do, and nothing was done yet. `run` is called once more, with `prechecked`. For actions
 * whose service does not record who acted: a call that is repeated after a crash then knows that the effect was not in
 * force before.
 */
export interface PrecheckResult {
  readonly state: 'prechecked';
  readonly output?: undefined;
  readonly evidence: Readonly<Record<string, string>>;
}
export type Confirmation =
  | {
      readonly state: 'confirmed';
      readonly proof: string;
      readonly evidence: Readonly<Record<string, string>>;
    }
  | { readonly state: 'pending'; readonly status: string }
  | { readonly state: 'failed'; readonly reason: string };

/** The state in force was caused by someone else, and was left unchanged. */
export interface UndoSkipped {
  readonly state: 'not-ours';
  /** One sentence, e.g. the machine action and its requestor. */
  readonly reason: string;
  readonly evidence: Readonly<Record<string, string>>;
}

export interface Undo<I, O> {
  readonly describe: string;
  /**
   * Reverts what the responder did, and nothing else. `others`: outputs of `run` in other incidents that no longer rely on
   * the same effect; their changes are reverted, too.
   */
  run(
    input: I,
    output: O,
    ctx: ActionContext,
    others: readonly O[],
  ): Promise<RunResult<unknown> | UndoSkipped>;
  confirm(input: I, output: O, ctx: ActionContext, others: readonly O[]): Promise<Confirmation>;
}

/** A state that lasts, and that several incidents may rely on. */
export interface Lasting {
  readonly effect: LastingEffect;
  /** `begin`: the effect does not end while an incident relies on it. `end`: only if no other incident relies on it. */
  readonly does: 'begin' | 'end';
  /** What the effect is on, if that is more than the record: at most 40 characters. @param input as `accept` returned it */
  key?(input: Readonly<Record<string, unknown>>): string;
}
export interface Irreversible {
  readonly irreversible: string;
}
export const irreversible = (why: string): Irreversible => ({ irreversible: why });

/**
 * Records within an entity's record, e.g. the authentication methods of a user. Each that the response is for is a target
 * of its own.
 */
export interface Parts<R = unknown, P = unknown> {
  /** At least one, or the reason why there is none. */
  list(
    owner: R,
    record: TargetRecord,
    ctx: ActionContext,
  ): Promise<{ readonly ok: true; readonly parts: readonly FoundPart<P>[] } | Refusal>;
  /** The current part with this id; refused with `not-found` if it no longer exists. */
  read(id: string, ctx: ActionContext): Promise<Resolution<P>>;
}
export interface FoundPart<P> {
  readonly found: P;
  readonly record: TargetRecord;
}

/** Finds the record that a response is carried out on: that of the entity, or `P`, a part of it. */
export interface ResponseTarget<I = unknown, R = unknown, P = R> {
  readonly resolver: Resolver<SubjectKind, unknown, R>;
  readonly parts?: Parts<R, P>;
  /** The effect is that the record no longer exists. That it is gone is then no change: `run` finds nothing to do. */
  readonly endsRecord?: true;
  /** The input for `run`, from the record alone; refuses records that must not be changed. */
  accept(found: P, record: TargetRecord, ctx: ActionContext): InputOrRefusal<I> | Promise<InputOrRefusal<I>>;
}

/** What a rule of a playbook chooses for a response. It is the property `settings` of the input. */
export interface Settings<S = unknown> {
  readonly schema: z.ZodType<S>;
  /** The title of the step with these settings. */
  title(settings: S): string;
  /** What makes it another response on the same record than one with other settings. Absent: the first rule wins. */
  variant?(settings: S): string;
  /** What it changes about the incident itself, as far as that decides about an incident. `seen`: of its input. */
  changes?(settings: S, seen: unknown): IncidentChange | undefined;
}

export interface Response<I = unknown, O = unknown, K extends SubjectKind = SubjectKind>
  extends Declaration<K> {
  readonly kind: 'response';
  readonly input: z.ZodType<I>;
  readonly output: z.ZodType<O>;
  /** `reversible` requires an undo. */
  readonly risk: Risk;
  /** One sentence for the approver: the effect on people and machines. */
  readonly impact: string;
  /** How long the effect may take after the request, e.g. because a device is offline. It is read back for as long. */
  readonly takesUpTo: Duration;
  /** The same request, sent twice, has the effect of one: the service refuses the second, or takes it for the first. */
  readonly idempotent: boolean;
  /** Names of the output's properties that hold the state before the act; the undo restores that state. */
  readonly captures: readonly string[];
  /** Absent: the response is about the incident itself, and is used by the orchestration only. */
  readonly target?: ResponseTarget<I>;
  /** Absent: a rule has nothing to choose. */
  readonly settings?: Settings;
  run(input: I, ctx: ActionContext): Promise<RunResult<O> | PrecheckResult>;
  /** Reads the state back. An accepted request is not an effect. */
  confirm(input: I, output: O, ctx: ActionContext): Promise<Confirmation>;
  readonly undo: Undo<I, O> | Irreversible;
  /** Absent if the effect cannot be ended, so no incident can rely on it. */
  readonly lasting?: Lasting;
}

/** Declares an enrichment: it only reads. */
export function defineEnrichment<R, O, K extends EntityKind>(
  declaration: Omit<Enrichment<R, O, K>, 'kind'>,
): Enrichment<R, O, K> {
  return { kind: 'enrichment', ...declaration };
}

/** `captures` names properties of the output. */
export interface Captures<O> {
  readonly captures: readonly (keyof NoInfer<O> & string)[];
}

/** Declares a response: it reads, acts once, proves the effect, and can say how it is undone. */
export function defineResponse<I, O, K extends SubjectKind>(
  declaration: Omit<Response<I, O, K>, 'kind' | 'captures'> & Captures<O>,
): Response<I, O, K> {
  return { kind: 'response', ...declaration };
}
