/**
 * Who relies on a lasting effect: one small state for each effect on one record, over all incidents. What an incident
 * asks is answered at once, one request after the other; nothing in here waits.
 */
import { z } from 'zod';
import { type LastingEffect, lastingEffectSchema } from './lasting-effect.js';

/** One step of one run of one incident. */
export const reliantSchema = z.object({
  instanceId: z.string(),
  generation: z.number().int().positive(),
  /** Position of the step in its plan. */
  step: z.number().int().nonnegative(),
  /** Number of the incident, for people. */
  number: z.string().optional(),
  /** ISO 8601, UTC. */
  since: z.string(),
  /** It was proved to be in force: where it is not any more, somebody has ended it. */
  stands: z.literal(true).optional(),
});
export type Reliant = z.infer<typeof reliantSchema>;

export const relianceSchema = z.object({
  relies: z.array(reliantSchema),
  /** Who is ending the effect; everybody else waits. */
  releasing: reliantSchema.optional(),
  /** Outputs of those who brought the effect about, rely on it no longer, and did not end it. */
  left: z.array(z.unknown()),
  /** Who is through with it, and when (milliseconds since the epoch): what they said before is not heard twice. */
  ended: z.array(z.object({ id: z.string(), at: z.number() })),
});
export type Reliance = z.infer<typeof relianceSchema>;

/**
 * `claim`: I am going to rely on it. `stands`: it is proved; `instead`: for whom it was not in force any more when I
 * brought it about. `withdraw`: nothing came of it, or it has ended. `release`: I rely on it no longer; may I end it?
 * `end`: I never relied on it; may I end it? `released`: it has ended, or is not the responder's any more. `kept`: it
 * could not be ended. `gone`: my run was purged.
 */
export const relianceRequestSchema = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('claim'), who: reliantSchema }),
  z.object({ ask: z.literal('stands'), who: reliantSchema, instead: z.array(reliantSchema) }),
  z.object({ ask: z.literal('withdraw'), who: reliantSchema }),
  z.object({ ask: z.literal('release'), who: reliantSchema, output: z.unknown() }),
  z.object({ ask: z.literal('end'), who: reliantSchema }),
  z.object({ ask: z.literal('released'), who: reliantSchema }),
  z.object({ ask: z.literal('kept'), who: reliantSchema, output: z.unknown() }),
  z.object({ ask: z.literal('gone'), who: reliantSchema }),
]);
export type RelianceRequest = z.infer<typeof relianceRequestSchema>;

/** What an orchestration seals: `key` names the state that it is for. */
export const relianceMessageSchema = z.object({ key: z.string(), request: relianceRequestSchema });

export const relianceAnswerSchema = z.discriminatedUnion('state', [
  /** The claim stands. */
  z.object({ state: z.literal('relies'), others: z.array(reliantSchema) }),
  /** Ask again later. */
  z.object({ state: z.literal('wait'), by: reliantSchema }),
  /** Others rely on it: it must not be ended. Who asked relies on it no longer. */
  z.object({ state: z.literal('relied-on'), others: z.array(reliantSchema) }),
  /** Nobody else relies on it: end it, and say what came of that. */
  z.object({ state: z.literal('may-end'), left: z.array(z.unknown()) }),
  z.object({ state: z.literal('noted') }),
  /** `over`: who asks is through with it. `too-late`: it was decided too long ago. `not-understood`: not from the app. */
  z.object({ state: z.literal('refused'), code: z.enum(['over', 'too-late', 'not-understood']) }),
]);
export type RelianceAnswer = z.infer<typeof relianceAnswerSchema>;

const DAY_MS = 86_400_000;
/** What was decided longer ago is not begun. */
const CLAIM_WITHIN_MS = DAY_MS;
/** Longer than a claim may take, so that none can come once more after it was forgotten that it is over. */
const REMEMBER_MS = 2 * DAY_MS;
const MOST_LEFT = 30;
const EMPTY: Reliance = { relies: [], left: [], ended: [] };

/** Name of the state of one effect on one record; `record` is an id as its service gives it. */
export function relianceKey(effect: LastingEffect, record: string): string {
  return `${lastingEffectSchema.parse(effect)}.${record.toLowerCase()}`;
}

/** `now`: milliseconds since the epoch. A request that is heard twice is answered twice and counts once. */
export function hearReliance(
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
    case 'stands':
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

type Heard = ReturnType<typeof hearReliance>;

/** A new run of an incident does not wait for one before it, which has ended, and takes its place once it is proved. */
function claim(state: Reliance, who: Reliant): Heard {
  const isEarlier = isEarlierThan(who);
  const { releasing, ...rest } = state;
  if (releasing && !isEarlier(releasing))
    return { reliance: state, answer: { state: 'wait', by: releasing } };
  const others = rest.relies.filter((one) => !is(who)(one) && !(releasing && is(releasing)(one)));
  const known = rest.relies.find(is(who));
  const reliance = { ...rest, relies: [...others, known ?? who] };
  return { reliance, answer: { state: 'relies', others: others.filter((one) => !isEarlier(one)) } };
}

/** Only those who stood can have lost it: others may be on their way to it. */
function standing(state: Reliance, who: Reliant, instead: readonly Reliant[], now: number): Reliance {
  const lost = state.relies.filter((one) => one.stands && !is(who)(one) && instead.some(is(one)));
  const rest = lost.reduce((before, one) => through(before, one, now), withoutEarlier(state, who, now));
  const relies = rest.relies.map((one) => (is(who)(one) ? { ...one, stands: true as const } : one));
  return { ...rest, relies };
}

function isEarlierThan({ instanceId, generation }: Reliant): (one: Reliant) => boolean {
  return (one) => one.instanceId === instanceId && one.generation < generation;
}

function withoutEarlier(state: Reliance, who: Reliant, now: number): Reliance {
  return state.relies.filter(isEarlierThan(who)).reduce((before, one) => through(before, one, now), state);
}

function mayEnd(state: Reliance, who: Reliant, output: unknown, now: number): Heard {
  const { releasing } = state;
  if (releasing && !is(who)(releasing)) return { reliance: state, answer: { state: 'wait', by: releasing } };
  const others = state.relies.filter((one) => !is(who)(one));
  if (others.length > 0) {
    const reliance = remembering(through(state, who, now), output);
    return { reliance, answer: { state: 'relied-on', others } };
  }
  return { reliance: { ...state, releasing: who }, answer: { state: 'may-end', left: state.left } };
}

/** No longer among those who rely on it, and not heard again. */
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

const noted = (reliance: Reliance): Heard => ({ reliance, answer: { state: 'noted' } });

function refuse(reliance: Reliance, code: 'over' | 'too-late'): Heard {
  return { reliance, answer: { state: 'refused', code } };
}

function isReleasing({ releasing }: Reliance, who: Reliant): boolean {
  return releasing !== undefined && is(who)(releasing);
}

const idOf = ({ instanceId, generation, step }: Reliant) => `${instanceId}/${generation}/${step}`;
const is = (who: Reliant) => (other: Reliant) => idOf(other) === idOf(who);
