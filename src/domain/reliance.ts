/**
 * Which incidents rely on a lasting effect: one small state for each effect on one record, across all incidents of a tenant.
 * Requests are answered immediately, one at a time; nothing in here waits.
 */
import { z } from 'zod';
import { type LastingEffect, lastingEffectSchema } from './lasting-effect.js';
import type { TenantId } from './tenant-id.js';

/** One step of one run of one incident. */
export const reliantSchema = z.object({
  instanceId: z.string(),
  generation: z.number().int().positive(),
  /** Position of the step among those of all plans of its run. */
  step: z.number().int().nonnegative(),
  /** Number of the incident, for display. */
  number: z.string().optional(),
  /** ISO 8601, UTC. */
  since: z.string(),
  /** The effect was proved to be in force. If it no longer is, others have ended it. */
  proved: z.literal(true).optional(),
});
export type Reliant = z.infer<typeof reliantSchema>;

export const relianceSchema = z.object({
  relies: z.array(reliantSchema),
  /** The step that is ending the effect; all others wait. */
  releasing: reliantSchema.optional(),
  /** Outputs of steps that caused the effect, no longer rely on it, and did not end it. */
  left: z.array(z.unknown()),
  /** Steps that have finished with the effect, and when (milliseconds since the epoch). Late requests are refused. */
  ended: z.array(z.object({ id: z.string(), at: z.number() })),
});
export type Reliance = z.infer<typeof relianceSchema>;

/**
 * `claim`: the step is going to rely on the effect. `proved`: the effect is proved; `instead` lists the steps whose
 * effect was no longer in force when this step caused it again. `withdraw`: the step did not cause the effect, or the
 * effect has ended. `release`: the step no longer relies on it and requests to end it. `end`: the step never relied on
 * it and requests to end it. `released`: it has ended, or others now own it. `kept`: it could not be ended. `gone`: the
 * run was purged.
 */
export const relianceRequestSchema = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('claim'), who: reliantSchema }),
  z.object({ ask: z.literal('proved'), who: reliantSchema, instead: z.array(reliantSchema) }),
  z.object({ ask: z.literal('withdraw'), who: reliantSchema }),
  z.object({ ask: z.literal('release'), who: reliantSchema, output: z.unknown() }),
  z.object({ ask: z.literal('end'), who: reliantSchema }),
  z.object({ ask: z.literal('released'), who: reliantSchema }),
  z.object({ ask: z.literal('kept'), who: reliantSchema, output: z.unknown() }),
  z.object({ ask: z.literal('gone'), who: reliantSchema }),
]);
export type RelianceRequest = z.infer<typeof relianceRequestSchema>;

/** The content that an orchestration seals. `key`: see `relianceKey`. */
export const relianceMessageSchema = z.object({ key: z.string(), request: relianceRequestSchema });

export const relianceAnswerSchema = z.discriminatedUnion('state', [
  /** The claim is accepted. */
  z.object({ state: z.literal('relies'), others: z.array(reliantSchema) }),
  /** Repeat the request later. */
  z.object({ state: z.literal('wait'), by: reliantSchema }),
  /** Others rely on the effect: it must not be ended. The requester no longer relies on it. */
  z.object({ state: z.literal('relied-on'), others: z.array(reliantSchema) }),
  /** No one else relies on the effect: end it, then report the result with `released` or `kept`. */
  z.object({ state: z.literal('may-end'), left: z.array(z.unknown()) }),
  z.object({ state: z.literal('noted') }),
  /**
   * `over`: the requester has already finished with the effect. `too-late`: the decision is too old.
   * `not-understood`: the app did not write the request.
   */
  z.object({ state: z.literal('refused'), code: z.enum(['over', 'too-late', 'not-understood']) }),
]);
export type RelianceAnswer = z.infer<typeof relianceAnswerSchema>;

const DAY_MS = 86_400_000;
/** Claims of older decisions are refused. */
const CLAIM_WITHIN_MS = DAY_MS;
/** Longer than `CLAIM_WITHIN_MS`: a late claim is refused even after its entry in `ended` has been dropped. */
const REMEMBER_MS = 2 * DAY_MS;
const MOST_LEFT = 30;
const EMPTY: Reliance = { relies: [], left: [], ended: [] };

const LONGEST_RECORD = 40;

/**
 * Key of the state for one effect on one record of a tenant: in two tenants, records with one id are two records. With the
 * name of the entity it has at most 100 characters, the longest id of an instance.
 * @param record the service's own id: a machine id, a GUID, a hash, an address
 */
export function relianceKey(tenantId: TenantId | undefined, effect: LastingEffect, record: string): string {
  const tenant = tenantId === undefined ? '' : `${tenantId.replaceAll('-', '')}.`;
  // The beginning of a longer hash is as good.
  return `${tenant}${lastingEffectSchema.parse(effect)}.${record.toLowerCase().slice(0, LONGEST_RECORD)}`;
}

/** Applies one request. A repeated request gets an answer, too, and counts once. @param now milliseconds since 1970. */
export function applyRelianceRequest(
  before: Reliance = EMPTY,
  request: RelianceRequest,
  now: number,
): { readonly reliance: Reliance; readonly answer: RelianceAnswer } {
  const { who } = request;
  const state = { ...before, ended: before.ended.filter(({ at }) => now - at < REMEMBER_MS) };
  if (state.ended.some(({ id }) => id === idOf(who))) return refuse(state, 'over');
  const isOld = now - Date.parse(who.since) > CLAIM_WITHIN_MS;
  switch (request.ask) {
    case 'claim':
      return isOld && !state.relies.some(is(who)) ? refuse(state, 'too-late') : claim(state, who);
    case 'end':
      return isOld && !state.releasing ? refuse(state, 'too-late') : mayEnd(state, who, undefined, now);
    case 'release':
      return state.relies.some(is(who))
        ? mayEnd(withoutEarlier(state, who, now), who, request.output, now)
        : refuse(state, 'over');
    case 'proved':
      return noted(state.relies.some(is(who)) ? standing(state, who, request.instead, now) : state);
    case 'withdraw':
      return noted(state.releasing && is(who)(state.releasing) ? state : through(state, who, now));
    case 'released':
      return noted(isReleasing(state, who) ? { ...through(state, who, now), left: [] } : state);
    case 'kept':
      return noted(isReleasing(state, who) ? remembering(through(state, who, now), request.output) : state);
    case 'gone':
      return noted(through(state, who, now));
  }
}

type RelianceResult = ReturnType<typeof applyRelianceRequest>;

/** A new run of an incident does not wait for an earlier run, which has ended, and replaces it once it is proved. */
function claim(state: Reliance, who: Reliant): RelianceResult {
  const isEarlier = isEarlierThan(who);
  const { releasing, ...rest } = state;
  if (releasing && !isEarlier(releasing))
    return { reliance: state, answer: { state: 'wait', by: releasing } };
  const others = rest.relies.filter((one) => !is(who)(one) && !(releasing && is(releasing)(one)));
  const known = rest.relies.find(is(who));
  const reliance = { ...rest, relies: [...others, known ?? who] };
  return { reliance, answer: { state: 'relies', others: others.filter((one) => !isEarlier(one)) } };
}

/** Only steps with a proved effect can have lost it: others may still be causing it. */
function standing(state: Reliance, who: Reliant, instead: readonly Reliant[], now: number): Reliance {
  const lost = state.relies.filter((one) => one.proved && !is(who)(one) && instead.some(is(one)));
  const rest = lost.reduce((before, one) => through(before, one, now), withoutEarlier(state, who, now));
  const relies = rest.relies.map((one) => (is(who)(one) ? { ...one, proved: true as const } : one));
  return { ...rest, relies };
}

function isEarlierThan({ instanceId, generation }: Reliant): (one: Reliant) => boolean {
  return (one) => one.instanceId === instanceId && one.generation < generation;
}

function withoutEarlier(state: Reliance, who: Reliant, now: number): Reliance {
  return state.relies.filter(isEarlierThan(who)).reduce((before, one) => through(before, one, now), state);
}

function mayEnd(state: Reliance, who: Reliant, output: unknown, now: number): RelianceResult {
  const { releasing } = state;
  if (releasing && !is(who)(releasing)) return { reliance: state, answer: { state: 'wait', by: releasing } };
  const others = state.relies.filter((one) => !is(who)(one));
  if (others.length > 0) {
    const reliance = remembering(through(state, who, now), output);
    return { reliance, answer: { state: 'relied-on', others } };
  }
  return { reliance: { ...state, releasing: who }, answer: { state: 'may-end', left: state.left } };
}

/** Removes the step from `relies` and refuses its later requests. */
function through(state: Reliance, who: Reliant, now: number): Reliance {
  const { releasing, relies, ended, left } = state;
  return {
    relies: relies.filter((one) => !is(who)(one)),
    ...(releasing && !is(who)(releasing) ? { releasing } : {}),
    left,
    ended: [...ended, { id: idOf(who), at: now }],
  };
}

function remembering(state: Reliance, output: unknown): Reliance {
  if (output === undefined || output === null) return state;
  return { ...state, left: [...state.left, output].slice(0, MOST_LEFT) };
}

const noted = (reliance: Reliance): RelianceResult => ({ reliance, answer: { state: 'noted' } });

function refuse(reliance: Reliance, code: 'over' | 'too-late'): RelianceResult {
  return { reliance, answer: { state: 'refused', code } };
}

function isReleasing({ releasing }: Reliance, who: Reliant): boolean {
  return releasing !== undefined && is(who)(releasing);
}

const idOf = ({ instanceId, generation, step }: Reliant) => `${instanceId}/${generation}/${step}`;
const is = (who: Reliant) => (other: Reliant) => idOf(other) === idOf(who);
