/** Stores a summary of each earlier run of an incident, after its case file is purged. */
import type { EntityContext } from 'durable-functions';
import { z } from 'zod';
import { type EarlierRun, earlierRunSchema } from '../domain/case-file.js';
import { namedOnce } from '../domain/earlier-run.js';
import type { Sealer } from '../domain/sealed.js';

/** Entity names are lower case; its key is the instance's id. */
export const RUNS_ENTITY = 'runs';
export const KEEP_RUN = 'keep';
const MOST_RUNS = 20;

export const runsSchema = z.object({ runs: z.array(earlierRunSchema) });
type Runs = z.infer<typeof runsSchema>;

/** Accepts only messages that the app sealed for this incident. */
export function runsEntity(open: Sealer['open']): (context: EntityContext<Runs>) => void {
  return (context) => {
    const { df } = context;
    const about = { purpose: 'earlier-run', instanceId: df.entityKey } as const;
    const opened = open(df.getInput<unknown>(), about);
    const run = opened.ok ? earlierRunSchema.safeParse(opened.content) : undefined;
    if (df.operationName !== KEEP_RUN || run?.success !== true) {
      context.error(`Alarm forged at the runs of ${df.entityKey}.`);
      return;
    }
    df.setState({ runs: withRun(df.getState()?.runs ?? [], run.data) });
  };
}

function withRun(runs: readonly EarlierRun[], run: EarlierRun): EarlierRun[] {
  const others = runs.filter(({ generation }) => generation !== run.generation);
  const all = [...others, run].sort((a, b) => a.generation - b.generation);
  return namedOnce(all.slice(-MOST_RUNS));
}
