// Where the embedded host differs from the real one and means to: scenario, the paths that may differ, and why.
const stops =
  'a diverging orchestrator is stopped before it starts anything more; the real host still runs what it decided in that turn';

export const onPurpose = {
  'changed-child': { reason: stops, paths: ['trace', 'outcome.changed-child-1-kid', 'canonical'] },
  'changed-extra': { reason: stops, paths: ['trace'] },
  'changed-order': { reason: stops, paths: ['trace'] },
  'changed-renamed': { reason: stops, paths: ['trace'] },
  'retry-vs-timer-more': { reason: stops, paths: ['trace'] },
};
