/** The real host's behaviours: one or a few recorded scenarios for each. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { runDurableCorpus } from '../conformance/durable-form.mjs';

const corpus = fileURLToPath(new URL('../conformance/durable', import.meta.url));

const CASES = [
  ['turn layout: messages first, then actions by their ids', ['chain', 'fan-order']],
  [
    'start and events: the start comes first in the history even if an event arrives at once',
    ['event-overtakes'],
  ],
  [
    'unknown and ended instances: messages to them are rejected or dropped',
    ['event-wrong', 'race-then-more'],
  ],
  [
    'sequence numbers: assigned in the order of calls; divergence is detected by id, kind and name',
    ['child-auto-id', 'changed-dropped', 'changed-timer', 'unyielded'],
  ],
  [
    'completion with open tasks: an instance ends only when none of its tasks is open',
    ['race-cancel', 'again-open-timer', 'event-any-name'],
  ],
  [
    'Task.all: the host waits for all branches, the code for the first failure',
    ['fan-fails-caught', 'fan-empty'],
  ],
  [
    'retries: pause, back off and end with one more timer',
    ['retry-exhausted', 'retry-backoff-capped', 'child-retry'],
  ],
  ['isReplaying: true for played events', ['clock']],
  ['currentUtcDateTime: the time of the turn, and the same in every replay', ['timer']],
  ['newGuid: the same in every replay', ['guids']],
  [
    'external events: buffered until awaited, and the last wait is served first',
    ['event-early', 'event-two-at-once', 'event-case'],
  ],
  [
    'continue-as-new: drops buffered events and starts a new history',
    ['again', 'again-buffered', 'again-collect'],
  ],
  ['reuse of instance ids: that of an ended instance only', ['id-reuse', 'child-id-in-use']],
  ['instance ids: checked by the routes alone', ['id-rules', 'id-auto']],
  [
    'suspend and resume: a suspended instance receives messages, and acts when it is resumed',
    ['suspend', 'suspend-activity'],
  ],
  [
    'terminate: ends an instance at once, but not its children',
    ['terminate', 'child-terminated', 'parent-terminated'],
  ],
  [
    'entity batches, locks and responses: one batch at a time, and responses to calls only',
    ['entity-calls', 'entity-throws', 'lock-contention'],
  ],
  ['order of entity messages: that of each sender', ['entity-order', 'entity-signals']],
  [
    'values: converted as on the real host, including odd cases',
    ['activity-inputs', 'activity-results', 'child-inputs'],
  ],
  [
    'error texts: those of the real host, without credentials',
    ['activity-fails', 'error-details', 'sanitizer-quote'],
  ],
  [
    'management API: status codes and fields of the real one',
    ['status-fields', 'query', 'purge-filter', 'routes', 'restart'],
  ],
  ['custom status: that of the last turn, with its limit', ['status-falsy', 'status-once', 'status-size']],
  ['long timers: beyond six days they go in hops', ['timer-long']],
  ['rewind: repeats only what failed', ['rewind', 'rewind-child']],
] as const;

const outcomes = new Map<string, string>();
beforeAll(async () => {
  const only = CASES.flatMap(([, scenarios]) => [...scenarios]);
  const print = (line: string): void => {
    const [, outcome, name] = /^(same|different|on purpose) +([\w-]+)/.exec(line) ?? [];
    if (outcome !== undefined && name !== undefined) outcomes.set(name, outcome);
  };
  await runDurableCorpus(corpus, { only, print });
}, 120_000);

test.each(CASES)('%s', (_behaviour, scenarios) => {
  for (const scenario of scenarios) expect([scenario, outcomes.get(scenario)]).toEqual([scenario, 'same']);
});
