/**
 * What the case of a merged incident hands over to the case of the incident that it was merged into: what was done stays done,
 * and is neither proposed nor repeated there. Pure.
 */
import type { CaseFile, Effect } from './case-file.js';
import type { HandedOver } from './handed-over.js';
import type { PlanStep } from './plan.js';
import { stepsOf, targetKeyOf } from './settled.js';

const MOST_EFFECTS = 100;
/** What the target must know comes first. */
const RANKS: Readonly<Record<HandedOver['effects'][number]['state'], number>> = {
  'under-way': 0,
  'in-force': 1,
  done: 2,
  ended: 3,
};
/** Of merged incidents in one case file. Those that have effects come first. */
const MOST_SOURCES = 100;

type Case = Pick<
  CaseFile,
  | 'instanceId'
  | 'generation'
  | 'incidentKey'
  | 'number'
  | 'plan'
  | 'formerPlans'
  | 'effects'
  | 'earlier'
  | 'submitters'
  | 'involved'
  | 'handedOverFrom'
>;

/** What a run hands over: its own effects, what the runs before it have done for good, and what was handed over to it. */
export function handedOverBy(file: Case, because: HandedOver['because']): HandedOver[] {
  const {
    instanceId,
    generation,
    incidentKey: key,
    number,
    earlier = [],
    submitters = [],
    involved,
    handedOverFrom = [],
  } = file;
  const steps = new Map(stepsOf(file).map((step) => [step.id, step]));
  const effects = file.effects.flatMap((effect) => {
    const step = steps.get(effect.stepId);
    const state = step && stateOf(effect, step);
    if (step === undefined || state === undefined) return [];
    return { key: targetKeyOf(step), title: step.title, target: step.target, state };
  });
  effects.sort((a, b) => RANKS[a.state] - RANKS[b.state]);
  // What must never be repeated is named without a limit.
  const beyond = effects.slice(MOST_EFFECTS).filter(({ state }) => state === 'done');
  const once = [...(earlier.at(-1)?.once ?? []), ...beyond.map((one) => one.key)];
  const from = { instanceId, generation, key, ...(number === undefined ? {} : { number }) };
  const people = { submitters, ...(involved === undefined ? {} : { involved }) };
  const before = once.length === 0 ? {} : { once };
  return [
    { because, from, effects: effects.slice(0, MOST_EFFECTS), ...before, ...people },
    ...handedOverFrom,
  ];
}

/**
 * What a run, and those before it, have carried out and must never be repeated. Its lasting effects are not part of it: another
 * case of the incident may propose them, finds them in force and relies on them. Undefined: nothing.
 */
export function handedOverOnce(file: Case): HandedOver | undefined {
  const [own, ...others] = handedOverBy(file, 'elsewhere');
  if (own === undefined) return undefined;
  const effects = own.effects.filter(({ state }) => state === 'done');
  const once = [...new Set([...(own.once ?? []), ...doneOnceByMerge({ handedOverFrom: others })])];
  return effects.length + once.length === 0 ? undefined : { ...own, effects, once };
}

/** Whether this run, or one before it, has asked or done anything. */
export function hasHandled({
  approvals,
  effects,
  earlier = [],
  handedOverFrom = [],
}: Pick<CaseFile, 'approvals' | 'effects' | 'earlier' | 'handedOverFrom'>): boolean {
  const before = earlier.some((run) => run.effects.length > 0 || run.settled !== undefined);
  return approvals.length > 0 || effects.length > 0 || handedOverFrom.length > 0 || before;
}

/** Undefined: nothing is in force, so the target may propose it. */
function stateOf(
  { state, undo, endedByOthers, watchedUntil }: Effect,
  { lasting }: PlanStep,
): HandedOver['effects'][number]['state'] | undefined {
  if (undo !== undefined || endedByOthers !== undefined) return 'ended';
  if (state === 'intended' || state === 'requested' || watchedUntil !== undefined) return 'under-way';
  // What is left to another case is among what that case has handed over.
  if (state === 'handed-over' || state === 'failed' || state === 'unconfirmed') return undefined;
  if (lasting?.does === 'end') return undefined;
  return lasting === undefined ? 'done' : 'in-force';
}

/** Adds what was handed over. A run that hands over again replaces what it said before. */
export function withHandedOver(known: readonly HandedOver[], received: readonly HandedOver[]): HandedOver[] {
  const all = new Map(known.map((one) => [one.from.instanceId, one]));
  // Who is involved is in the case file already.
  for (const { involved: _, ...one } of received) {
    const before = all.get(one.from.instanceId);
    if (before === undefined || before.from.generation <= one.from.generation)
      all.set(one.from.instanceId, one);
  }
  const byEffects = [...all.values()].sort((a, b) => Number(hasEffects(b)) - Number(hasEffects(a)));
  return byEffects.slice(0, MOST_SOURCES);
}

const hasEffects = ({ effects, once = [] }: HandedOver) => effects.length > 0 || once.length > 0;

/** Keys of the actions that a plan leaves out, because merged incidents have carried them out. */
export function settledByMerge({ handedOverFrom = [] }: Pick<CaseFile, 'handedOverFrom'>): string[] {
  return keysOf(handedOverFrom, ({ state }) => state !== 'ended');
}

/** The case that has carried an action out, or is carrying it out. `isDone`: it is not under way any more. */
export function sourceOf(
  { handedOverFrom = [] }: Pick<CaseFile, 'handedOverFrom'>,
  key: string,
): { readonly source: HandedOver; readonly isDone: boolean } | undefined {
  const all = handedOverFrom.flatMap((source) => {
    const isBefore = source.once?.includes(key) ?? false;
    const states = source.effects.flatMap((one) => (one.key === key ? [one.state] : []));
    const isDone = isBefore || states.some((state) => state === 'done' || state === 'in-force');
    return isDone || states.includes('under-way') ? [{ source, isDone }] : [];
  });
  return all.find(({ isDone }) => isDone) ?? all[0];
}

/** Keys of what must never be repeated, because it has no effect that could end. */
export function doneOnceByMerge({ handedOverFrom = [] }: Pick<CaseFile, 'handedOverFrom'>): string[] {
  return keysOf(handedOverFrom, ({ state }) => state === 'done');
}

function keysOf(
  handedOverFrom: readonly HandedOver[],
  isMeant: (effect: HandedOver['effects'][number]) => boolean,
): string[] {
  const keys = handedOverFrom.flatMap(({ effects, once = [] }) => [
    ...effects.filter(isMeant).map(({ key }) => key),
    ...once,
  ]);
  return [...new Set(keys)];
}
