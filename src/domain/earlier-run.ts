import type { CaseFile, EarlierRun } from './case-file.js';
import { clip } from './clip.js';

const MOST_EFFECTS = 10;
const LONGEST_EFFECT = 120;

/** A run in a few words, for the runs of the same incident after it. */
export function earlierRunOf(file: CaseFile): EarlierRun {
  const { generation, receivedAt, endedAt, outcome, effects, plan } = file;
  const lines = effects.map(({ stepId, action, target, state, undo }) => {
    const title = plan?.steps.find(({ id }) => id === stepId)?.title ?? action;
    return `${clip(`${title}: ${target}`, LONGEST_EFFECT)}: ${undo === undefined ? state : `undo ${undo.state}`}`;
  });
  return {
    generation,
    receivedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    effects: lines.slice(0, MOST_EFFECTS),
  };
}
