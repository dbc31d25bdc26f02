import type { CaseFile, EarlierRun, Effect } from './case-file.js';
import { clip } from './clip.js';

const MOST_EFFECTS = 10;
const LONGEST_EFFECT = 120;

/** Summarises a run for later runs of the same incident. */
export function earlierRunOf(file: CaseFile): EarlierRun {
  const { generation, receivedAt, endedAt, outcome, unfinished, effects, plan } = file;
  const lines = effects.map((effect) => {
    const { stepId, action, target } = effect;
    const title = plan?.steps.find(({ id }) => id === stepId)?.title ?? action;
    return `${clip(`${title}: ${target}`, LONGEST_EFFECT)}: ${becameOf(effect)}`;
  });
  return {
    generation,
    receivedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(unfinished === undefined ? {} : { unfinished }),
    effects: lines.slice(0, MOST_EFFECTS),
  };
}

function becameOf({ state, undo, endedByOthers }: Effect): string {
  if (undo !== undefined) return `undo ${undo.state}`;
  return endedByOthers === undefined ? state : 'ended by others';
}
