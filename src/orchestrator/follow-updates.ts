/** Reads the incident again after an update, and makes a new plan if that changes what is proposed. */
import { settledTargets } from '../domain/settled.js';
import type { Update } from '../domain/update.js';
import type { ActivityOutput } from './activities.js';
import { updateComment } from './comment.js';
import { noteIgnored, UNSIGNED } from './decisions.js';
import { incidentFacts } from './incident-facts.js';
import { makePlan } from './make-plan.js';
import { readIncident } from './read.js';
import type { Rounds } from './rounds.js';
import { type Process, until } from './scheduler.js';
import { type IncidentScope, incidentRef } from './scope.js';
import { noteUpdates, recordUpdates } from './updates.js';

/** Updates within this time are answered by one reading. Each reading without news doubles the pause. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** A run makes at most this many plans; then people take over. */
const MOST_ROUNDS = 20;

export function* followUpdates(rounds: Rounds): Process<void> {
  let quiet = 0;
  for (;;) {
    const { inbox, waiting } = rounds.scope;
    yield* until(() => inbox.hasUpdate || rounds.isOver);
    if (!inbox.hasUpdate) return;
    rounds.isUpdating = true;
    try {
      yield* waiting.sleep(Math.min(FIRST_PAUSE_MS * 2 ** quiet, LONGEST_PAUSE_MS));
      quiet = (yield* readAgain(rounds)) ? 0 : quiet + 1;
    } finally {
      rounds.isUpdating = false;
    }
  }
}

/** Returns whether something that matters has changed. */
function* readAgain(rounds: Rounds): Process<boolean> {
  const { scope } = rounds;
  const { record } = scope;
  const result = yield* readIncident(scope, scope.inbox.takeUpdates());
  const updates = recordUpdates(record, result.updates);
  if (updates.length === 0) {
    if (result.updates.length === 0) noteIgnored(scope, UNSIGNED);
    return false;
  }
  if (result.kind === 'unreadable') {
    if (result.outcome !== 'incident-gone') {
      noteUpdates(record, updates, `It could not be read: ${result.error.message}`);
      return false;
    }
    return stop(rounds, updates, 'gone');
  }
  const { read } = result;
  const { incident } = read;
  const hasChanged = read.content !== record.file.content;
  const changed = { ...scope, incident, ref: incidentRef(incident) };
  rounds.meet(changed);
  const { status, modifiedAt } = incident;
  if (modifiedAt !== undefined) record.addToNext({ changes: { modifiedAt } });
  if (hasChanged) record.addToNext({ changes: { ...incidentFacts(incident), content: read.content } });
  if (status === 'closed' || status === 'merged') return stop(rounds, updates, status);
  const isForced = updates.some(({ kind }) => kind === 'again') && record.file.unfinished !== undefined;
  if (!hasChanged && !isForced) {
    noteUpdates(record, updates, 'Nothing that matters has changed.');
    return false;
  }
  if (rounds.count >= MOST_ROUNDS) {
    noteUpdates(record, updates, 'It has changed too often: no further plan is made.');
    return false;
  }
  return yield* planAgain(rounds, changed, read, { updates, hasChanged });
}

const STOPPED: Readonly<Record<'closed' | 'merged' | 'gone', string>> = {
  closed: 'The incident was closed.',
  merged: 'The incident was merged into another one.',
  gone: 'Sentinel no longer returns the incident: it was deleted.',
};

/** Nothing further is proposed. What was done stays done, and can be undone. */
function stop(rounds: Rounds, updates: readonly Update[], because: 'closed' | 'merged' | 'gone'): boolean {
  const { record } = rounds.scope;
  const some = rounds.supersede(because);
  if (because === 'gone') record.addToNext({ changes: { content: because } });
  const what = some
    ? `${STOPPED[because]} Open requests and their deadlines were cancelled.`
    : STOPPED[because];
  noteUpdates(record, updates, what);
  return true;
}

interface News {
  readonly updates: readonly Update[];
  readonly hasChanged: boolean;
}

function* planAgain(
  rounds: Rounds,
  scope: IncidentScope,
  read: ActivityOutput<'readIncident'>,
  { updates, hasChanged }: News,
): Process<boolean> {
  const { record } = scope;
  const settled = () => settledTargets(record.file, hasChanged);
  const before = record.file.proposal;
  const made = yield* makePlan(scope, read, settled, rounds.count + 1);
  if (made === undefined) {
    const some = rounds.supersede('changed');
    noteUpdates(
      record,
      updates,
      `No playbook applies any more.${some ? ' Open requests were superseded.' : ''}`,
    );
    return true;
  }
  const waiting = record.file.approvals.filter(
    ({ state, purpose }) => state === 'waiting' && purpose === 'respond',
  );
  const isPending = ({ id }: { readonly id: string }) => waiting.some(({ stepIds }) => stepIds.includes(id));
  if (made.proposal === before && made.plan.steps.every(isPending)) {
    const { plan: _, ...facts } = made.changes;
    record.add({ changes: facts });
    noteUpdates(record, updates, 'The plan stays the same.');
    if (record.file.outcome === undefined) yield* updateComment(scope, 'proposal');
    return true;
  }
  const some = rounds.supersede('changed');
  noteUpdates(
    record,
    updates,
    `A new plan was made.${some ? ' The requests of the former plan were superseded.' : ''}`,
  );
  rounds.begin(made);
  return true;
}
