import type { CaseFile, EarlierRun, Effect } from './case-file.js';
import { clip } from './clip.js';
import { settledTargets, stepsOf } from './settled.js';

const MOST_EFFECTS = 10;
const LONGEST_EFFECT = 120;
const MOST_SETTLED = 100;

/** Summarises a run for later runs of the same incident. */
export function earlierRunOf(file: CaseFile): EarlierRun {
  const { generation, receivedAt, endedAt, outcome, unfinished, effects } = file;
  const { content, proposal, deliveries, submitters } = file;
  const steps = stepsOf(file);
  const settled = settledTargets(file, false);
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
    ...(settled.length === 0 ? {} : { settled: settled.slice(0, MOST_SETTLED) }),
    ...(deliveries === undefined ? {} : { deliveries }),
    ...(submitters === undefined ? {} : { submitters }),
  };
}

function becameOf({ state, undo, endedByOthers }: Effect): string {
  if (undo !== undefined) return `undo ${undo.state}`;
  return endedByOthers === undefined ? state : 'ended by others';
}
