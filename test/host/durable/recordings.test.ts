/** What the real host was seen to do, by the numbers of the host's README: one or a few recorded scenarios for each. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { runDurableCorpus } from '../conformance/durable-form.mjs';

const corpus = fileURLToPath(new URL('../conformance/durable', import.meta.url));

const CASES = [
  [
    'C1',
    'a turn is laid out in one order: messages first, then decisions by their ids',
    ['chain', 'fan-order'],
  ],
  ['C2', 'the start stands first in the history even if an event comes at once', ['event-overtakes']],
  [
    'C3',
    'what is sent to unknown or finished instances is refused or dropped',
    ['event-wrong', 'race-then-more'],
  ],
  [
    'C4',
    'ids are handed out in the order of calls, and other code is found out by id, kind and name',
    ['child-auto-id', 'changed-dropped', 'changed-timer', 'unyielded'],
  ],
  [
    'C5',
    'an instance ends only when nothing it began is open',
    ['race-cancel', 'again-open-timer', 'event-any-name'],
  ],
  [
    'C6',
    'the host waits for all legs before the next call, the code for the first failure',
    ['fan-fails-caught', 'fan-empty'],
  ],
  [
    'C7',
    'retries pause, back off and end with one more timer',
    ['retry-exhausted', 'retry-backoff-capped', 'child-retry'],
  ],
  ['C8', 'isReplaying is true for what has been played', ['clock']],
  ['C9', 'the current time is that of the turn, and the same in every replay', ['timer']],
  ['C10', 'new GUIDs are the same in every replay', ['guids']],
  [
    'C11',
    'events wait for their waiters, and the last waiter is served first',
    ['event-early', 'event-two-at-once', 'event-case'],
  ],
  [
    'C12',
    'continue-as-new drops what nobody had waited for and begins a new history',
    ['again', 'again-buffered', 'again-collect'],
  ],
  [
    'C13',
    'the id of an ended instance can be used again, one of a living cannot',
    ['id-reuse', 'child-id-in-use'],
  ],
  ['C14', 'ids are checked by the routes alone', ['id-rules', 'id-auto']],
  [
    'C15',
    'a suspended instance sees its messages, and decides when it is resumed',
    ['suspend', 'suspend-activity'],
  ],
  [
    'C16',
    'termination ends an instance at once and its children not at all',
    ['terminate', 'child-terminated', 'parent-terminated'],
  ],
  [
    'C18',
    'an entity does one batch at a time and answers calls only',
    ['entity-calls', 'entity-throws', 'lock-contention'],
  ],
  ['C19', 'what one sender sends to an entity stays in order', ['entity-order', 'entity-signals']],
  [
    'C20',
    'values cross as they do on the real host, odd ones included',
    ['activity-inputs', 'activity-results', 'child-inputs'],
  ],
  [
    'C21',
    'errors are told in the words of the real host, without credentials',
    ['activity-fails', 'error-details', 'sanitizer-quote'],
  ],
  [
    'C22',
    'the management API answers with the codes and fields of the real one',
    ['status-fields', 'query', 'purge-filter', 'routes', 'restart'],
  ],
  [
    'C23',
    'the custom status is what this turn says, and has its limit',
    ['status-falsy', 'status-once', 'status-size'],
  ],
  ['C24', 'timers beyond six days go in hops', ['timer-long']],
  ['C25', 'a rewound instance does again what failed, and nothing else', ['rewind', 'rewind-child']],
] as const;

const outcomes = new Map<string, string>();
beforeAll(async () => {
  const only = CASES.flatMap(([, , scenarios]) => [...scenarios]);
  const print = (line: string): void => {
    const [, verdict, name] = /^(same|different|on purpose) +([\w-]+)/.exec(line) ?? [];
    if (verdict !== undefined && name !== undefined) outcomes.set(name, verdict);
  };
  await runDurableCorpus(corpus, { only, print });
}, 120_000);

test.each(CASES)('%s: %s', (_number, _what, scenarios) => {
  for (const scenario of scenarios) expect([scenario, outcomes.get(scenario)]).toEqual([scenario, 'same']);
});
