/** The authoring API: one file in enrich/ or respond/ declares one capability with it. */
import type { z } from 'zod';
import type { Clients } from '../connectors/clients.js';
import type { EntityKind, EntityOf } from '../domain/entities.js';
import type { LastingEffect } from '../domain/lasting-effect.js';
import type { RefusedStep } from '../domain/plan.js';
import type { RecordKind, TargetRecord } from '../domain/target.js';

export interface Permission {
  readonly api: 'Microsoft Graph' | 'WindowsDefenderATP' | 'Log Analytics API' | 'Azure RBAC';
  /** Application permission or role, e.g. `User.Read.All`, `Microsoft Sentinel Responder`. */
  readonly name: string;
  /** What the action needs it for, as the end of "to …". */
  readonly why: string;
}
/** The service's own throttling family; calls of one family share its limit. */
export type QuotaFamily =
  | 'defender-machines'
  | 'defender-machine-actions'
  | 'defender-vulnerabilities'
  | 'defender-files'
  | 'graph-directory'
  | 'graph-identity-protection'
  | 'log-analytics'
  | 'arm-reads'
  | 'arm-writes';

export interface ActionContext {
  readonly clients: Clients;
  readonly clock: { now(): number };
  readonly signal: AbortSignal;
  readonly incident: IncidentRef;
  /** The tenant whose directory is asked, where it is known. */
  readonly tenantId: string | undefined;
  /** Stable for (incident, action, target): the same on every repetition. */
  readonly idempotencyKey: string;
  /** When it was decided that this is to be done, in milliseconds since the epoch: the same on every repetition. */
  readonly askedAt: number;
  /** An earlier attempt was sent, and its answer was lost: what is found done now may be its work. */
  readonly mayHaveActed: boolean;
  /** `run` has answered `looked`, and that is durable: whoever finds it done now may find the work of a call that was lost. */
  readonly looked: boolean;
}
export interface IncidentRef {
  readonly key: string;
  readonly armId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Log Analytics customer id, where known. */
  readonly workspaceId: string | undefined;
  readonly title: string;
  readonly number: string | undefined;
}

/** Why an entity, or its record, must not be used. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusedStep['code'];
  readonly reason: string;
}
/** Either an input, or why there is none. */
export type Target<I> = { readonly ok: true; readonly input: I } | Refusal;
/** Exactly one record, with what the service said about it, or why there is none. */
export type Resolution<R> = { readonly ok: true; readonly found: R; readonly record: TargetRecord } | Refusal;

/** What an action may be about: an entity of one kind, or the incident itself. */
export type TargetKind = EntityKind | 'incident';
type Entities = { readonly [K in EntityKind]: EntityOf<K> };

/**
 * How an entity becomes the one record of a service that it stands for. All actions on one kind of record share it, so
 * that what is found out, decided and done is about the same.
 */
export interface Resolver<K extends EntityKind = EntityKind, Q = unknown, R = unknown> {
  readonly kind: RecordKind;
  /** All identifiers that the incident gives, as JSON. */
  readonly query: z.ZodType<Q>;
  /** Refuses, without a call, what the service cannot be asked about. */
  identify(entity: Entities[K]): Target<Q>;
  /**
   * Every identifier must belong to the same record, as far as the service knows it. What the service does not answer
   * is thrown: a guess is no target.
   */
  resolve(query: Q, ctx: ActionContext): Promise<Resolution<R>>;
  /** The record of an id as it is now; refused where there is none any more. */
  read(id: string, ctx: ActionContext): Promise<Resolution<R>>;
}

interface Declaration<K extends TargetKind> {
  /** `service.what`, e.g. `defender.device`. */
  readonly name: string;
  readonly title: string;
  /** Deep link to the service's documentation of the call. */
  readonly docs: string;
  readonly entity: K;
  readonly permissions: readonly Permission[];
  readonly quota: QuotaFamily;
}

export interface Enrichment<R = unknown, O = unknown, K extends EntityKind = EntityKind>
  extends Declaration<K> {
  readonly kind: 'enrichment';
  readonly resolver: Resolver<K, unknown, R>;
  readonly output: z.ZodType<O>;
  /** Given what the resolver found. */
  run(found: R, ctx: ActionContext): Promise<O>;
}

/** What `run` did. `captured` is the state before it acted: all that undo may use. */
export interface RunResult<O> {
  readonly state: 'requested' | 'already-done' | 'already-in-progress';
  readonly output: O;
  /** Short facts for the record: request ids, action ids, times. */
  readonly evidence: Readonly<Record<string, string>>;
  /** It was neither in force nor on its way before this call. Absent: it was, or that is not known. */
  readonly began?: true;
}
/**
 * Nothing was done yet, and there is something to do. `run` is called once more, with `looked`. For an action whose
 * service does not say who acted: a call that is repeated after a crash then knows that it was not done before.
 */
export interface Looked {
  readonly state: 'looked';
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

/** What is in force now is of somebody else's making: it was left as it is. */
export interface NotOurs {
  readonly state: 'not-ours';
  /** One sentence, e.g. which machine action of whom. */
  readonly reason: string;
  readonly evidence: Readonly<Record<string, string>>;
}

export interface Undo<I, O> {
  readonly describe: string;
  /**
   * Reverts what the responder did, and nothing else. `others`: what `run` gave other incidents that relied on the same
   * effect and do so no longer; theirs is reverted, too.
   */
  run(input: I, output: O, ctx: ActionContext, others: readonly O[]): Promise<RunResult<unknown> | NotOurs>;
  confirm(input: I, output: O, ctx: ActionContext, others: readonly O[]): Promise<Confirmation>;
}

/** A state that lasts, and that several incidents may rely on. */
export interface Lasting {
  readonly effect: LastingEffect;
  /** `begin`: it is not ended while somebody relies on it. `end`: only where nobody else relies on it. */
  readonly does: 'begin' | 'end';
}
export interface Irreversible {
  readonly irreversible: string;
}
export const irreversible = (why: string): Irreversible => ({ irreversible: why });

/** Finds the record that a response is carried out on. */
export interface ResponseTarget<I = unknown, R = unknown> {
  readonly resolver: Resolver<EntityKind, unknown, R>;
  /** The input for `run`, by the record alone; refuses records that must not be acted on. */
  accept(found: R, record: TargetRecord, ctx: ActionContext): Target<I> | Promise<Target<I>>;
}

export interface Response<I = unknown, O = unknown, K extends TargetKind = TargetKind>
  extends Declaration<K> {
  readonly kind: 'response';
  readonly input: z.ZodType<I>;
  readonly output: z.ZodType<O>;
  readonly risk: 'low' | 'disruptive' | 'destructive';
  /** One sentence for the approver: what it does to people and machines. */
  readonly impact: string;
  /** None: it is about the incident itself, and the orchestration's own. */
  readonly target?: ResponseTarget<I>;
  run(input: I, ctx: ActionContext): Promise<RunResult<O> | Looked>;
  /** Reads the state back. An accepted request is not an effect. */
  confirm(input: I, output: O, ctx: ActionContext): Promise<Confirmation>;
  readonly undo: Undo<I, O> | Irreversible;
  /** Absent where nobody can rely on it: what it does cannot be ended. */
  readonly lasting?: Lasting;
}

/** Declares an enrichment: it only reads. */
export function defineEnrichment<R, O, K extends EntityKind>(
  declaration: Omit<Enrichment<R, O, K>, 'kind'>,
): Enrichment<R, O, K> {
  return { kind: 'enrichment', ...declaration };
}

/** Declares a response: it reads, acts once, proves the effect, and can say how it is undone. */
export function defineResponse<I, O, K extends TargetKind>(
  declaration: Omit<Response<I, O, K>, 'kind'>,
): Response<I, O, K> {
  return { kind: 'response', ...declaration };
}

/** Whether an action is about an entity: those are what a playbook may name. */
export function isAboutEntity<A extends { readonly entity: TargetKind }>(
  action: A,
): action is A & { readonly entity: EntityKind } {
  return action.entity !== 'incident';
}
