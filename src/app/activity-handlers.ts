import type { InvocationContext } from '@azure/functions';
import type { ActivityInput, ActivityName, ActivityOutput, Result } from '../orchestrator/index.js';

/** The implementation of each activity: it performs one piece of I/O for the orchestration. */
export type ActivityHandlers = {
  readonly [N in ActivityName]: (
    input: ActivityInput<N>,
    context: InvocationContext,
  ) => Promise<Result<ActivityOutput<N>>>;
};
