import type { CaseFile, EarlierRun, Effect } from './case-file.js';
import { clip } from './clip.js';
import { doneOnceByMerge, settledByMerge } from './merge.js';
import { ownChangesOf } from './own-changes.js';
import { doneOnce, settledBefore, settledTargets, stepsOf } from './settled.js';

const MOST_EFFECTS = 10;
const LONGEST_EFFECT = 120;
const MOST_SETTLED = 500;

/** Summarises a run for later runs of the same incident. What the runs before have settled is carried on. */
export function earlierRunOf(file: CaseFile): EarlierRun {
  const { generation, receivedAt, endedAt, outcome, unfinished, effects } = file;
  const { proposal, deliveries, submitters, otherOrigins, involved } = file;
  const steps = stepsOf(file);
  const before = file.earlier?.at(-1);
  // A run that could not read the incident has changed nothing.
  const content = file.content ?? before?.content;
  const settled = union(settledBefore(before, content), [
    ...settledTargets(file, false),
    ...settledByMerge(file),
  ]);
  const once = union(before?.once ?? [], [...doneOnce(file), ...doneOnceByMerge(file)]);
  const own = ownChangesOf(file);
  const lines = effects.map((effect) => {
    const { stepId, action, target } = effect;
    const title = steps.findLast(({ id }) => id === stepId)?.title ?? action;
    return `${clip(`${title}: ${target}`, LONGEST_EFFECT)}: ${becameOf(effect)}`;
  });
  return {
    generation,
    receivedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(unfinished === undefined ? {} : { unfinished }),
    effects: lines.slice(0, MOST_EFFECTS),
    ...(content === undefined ? {} : { content }),
    ...(proposal === undefined ? {} : { proposal }),
    ...(settled.length === 0 ? {} : { settled }),
    ...(once.length === 0 ? {} : { once }),
    ...(deliveries === undefined ? {} : { deliveries }),
    ...(submitters === undefined ? {} : { submitters }),
    ...(otherOrigins === undefined ? {} : { otherOrigins }),
    ...(own.length === 0 ? {} : { own }),
    ...(involved === undefined ? {} : { involved }),
  };
}

/** The newest of several runs lists everyone that a run has named: the others need not. */
export function namedOnce(runs: readonly EarlierRun[]): EarlierRun[] {
  return runs.map((run, i) => (i === runs.length - 1 ? run : withoutInvolved(run)));
}

function withoutInvolved({ involved: _, ...run }: EarlierRun): EarlierRun {
  return run;
}

/** The newest are kept. */
function union(older: readonly string[], newer: readonly string[]): string[] {
  return [...new Set([...newer, ...older])].slice(0, MOST_SETTLED);
}

function becameOf({ state, undo, endedByOthers }: Effect): string {
  if (undo !== undefined) return `undo ${undo.state}`;
  return endedByOthers === undefined ? state : 'ended by others';
}
