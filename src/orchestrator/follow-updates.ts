/** Reads the incident again after an update, and makes a new plan if that changes what is proposed. */
import { cleanErrorText } from '../domain/error-text.js';
import { type ErrorInfo, ResponderError, toErrorInfo } from '../domain/errors.js';
import { settledByMerge } from '../domain/merge.js';
import {
  mayBeginAgain,
  plansOf,
  settledBefore,
  settledTargets,
  stepsOf,
  targetKeyOf,
} from '../domain/settled.js';
import { leftOutBy, type Update } from '../domain/update.js';
import type { IncidentRead } from './activities.js';
import { describeOwner, NOT_RECEIVED } from './aliases.js';
import type { CaseRecorder } from './case-recorder.js';
import { updateComment } from './comment.js';
import { noteIgnored, UNSIGNED } from './decisions.js';
import { type IncidentEnd, incidentFacts } from './incident-facts.js';
import { type Made, makePlan } from './make-plan.js';
import { readIncident } from './read.js';
import type { Rounds } from './rounds.js';
import { type Process, until } from './scheduler.js';
import { excludedBy, type IncidentScope, incidentRef } from './scope.js';
import { noteUpdates } from './updates.js';

/** Updates within this time are answered by one reading. Each reading without news doubles the pause. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** A run makes at most this many plans; then people take over. */
const MOST_ROUNDS = 20;

/** An error ends the handling of one update, not of those after it. */
export function* followUpdates(rounds: Rounds): Process<void> {
  let quiet = 0;
  for (;;) {
    const { inbox, waiting } = rounds.scope;
    const mayFollow = () => inbox.hasUpdate && !rounds.isAbandoned;
    yield* until(() => mayFollow() || rounds.isOver);
    if (!mayFollow()) return;
    rounds.isUpdating = true;
    try {
      yield* waiting.sleep(
        Math.min(FIRST_PAUSE_MS * 2 ** quiet, LONGEST_PAUSE_MS),
        () => inbox.hasUrgentUpdates,
      );
      if (rounds.isAbandoned) continue;
      quiet = (yield* readAgain(rounds)) ? 0 : quiet + 1;
    } catch (thrown) {
      leaveUndecided(rounds, { updates: [], hasChanged: true }, thrown);
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
  const { updates } = result;
  if (result.kind === 'elsewhere') {
    const isReceived = yield* scope.aliases.forward(
      result.owner,
      updates,
      excludedBy(scope, result.incident),
    );
    const more = isReceived ? [] : [NOT_RECEIVED];
    const some = rounds.noticeOwner(result.owner);
    return noteStop(record, updates, some, [describeOwner(result.owner), ...more].join(' '));
  }
  if (updates.length === 0) {
    if (scope.inbox.isUnread) noteIgnored(scope, UNREAD);
    else if (!result.isSealed) noteIgnored(scope, UNSIGNED);
    return false;
  }
  if (result.kind === 'unreadable') {
    if (result.outcome !== 'incident-gone') {
      noteUpdates(record, updates, `It could not be read: ${result.error.message}`);
      return false;
    }
    return stop({ rounds, updates }, 'gone', STOPPED.gone);
  }
  const { read } = result;
  const { incident } = read;
  rounds.noticeReturn();
  const isNew = read.content !== record.file.content;
  const hasChanged = isNew || rounds.undecided?.hasChanged === true;
  const changed = { ...scope, incident, ref: incidentRef(incident) };
  rounds.scope = changed;
  if (read.lacksEntities) {
    noteUpdates(record, updates, 'No entities are returned any more. The plan stays.');
    return false;
  }
  const { status, modifiedAt } = incident;
  if (modifiedAt !== undefined) record.addToNext({ changes: { modifiedAt } });
  if (isNew) record.addToNext({ changes: { ...incidentFacts(incident), content: read.content } });
  if (status === 'closed' || status === 'merged') {
    const { mergedInto } = incident;
    const text = mergedInto === undefined ? STOPPED[status] : `The incident was merged into ${mergedInto}.`;
    return stop({ rounds, updates }, status, text, mergedInto);
  }
  const isForced = updates.some(({ kind }) => kind === 'again') && mayBeginAgain(record.file);
  const isHandedOver = updates.some(({ handedOver }) => handedOver !== undefined);
  if (!hasChanged && !isForced && !isHandedOver && rounds.undecided === undefined) {
    noteUpdates(record, updates, 'Nothing that matters has changed.');
    return false;
  }
  if (plansOf(record.file).length >= MOST_ROUNDS) {
    return leaveUndecided(rounds, { updates, hasChanged }, new ResponderError(TOO_OFTEN));
  }
  return yield* planAgain(rounds, changed, read, { updates, hasChanged });
}

const UNREAD = 'Updates have arrived that could not be read. They are read with the next one.';

const STOPPED: Readonly<Record<'closed' | 'merged' | 'gone', string>> = {
  closed: 'The incident was closed.',
  merged: 'The incident was merged into another one.',
  gone: 'The incident is no longer returned: it was deleted.',
};

/** Nothing further is proposed. What was done stays done, and can be undone. */
function stop(
  { rounds, updates }: { readonly rounds: Rounds; readonly updates: readonly Update[] },
  because: IncidentEnd,
  text: string,
  mergedInto?: string,
): boolean {
  const { record } = rounds.scope;
  const some = rounds.noticeEnd(because, mergedInto);
  if (because === 'gone') record.addToNext({ changes: { content: because } });
  return noteStop(record, updates, some, text);
}

function noteStop(record: CaseRecorder, updates: readonly Update[], some: boolean, text: string): boolean {
  noteUpdates(record, updates, some ? `${text} Open requests and their deadlines were cancelled.` : text);
  return true;
}

/**
 * The new version of the incident cannot be decided: the requests about the former one are superseded, and a person takes
 * over. The next update is a new attempt.
 */
function leaveUndecided(
  rounds: Rounds,
  { updates, hasChanged, leftOut = [] }: News,
  thrown: unknown,
): boolean {
  const { record } = rounds.scope;
  const cause = toErrorInfo(thrown);
  const error = { ...cause, message: cleanErrorText(cause.message) };
  noteUpdates(record, updates, `No new plan could be made: ${error.message}`);
  rounds.leaveUndecided({ error, hasChanged, leftOut });
  return false;
}

const TOO_OFTEN: ErrorInfo = {
  code: 'changed-too-often',
  message: 'The incident has changed too often, so no further plan is made.',
  fault: 'service',
  retry: 'no',
  next: 'Handle the incident manually.',
};

interface News {
  readonly updates: readonly Update[];
  readonly hasChanged: boolean;
  readonly leftOut?: readonly string[];
}

function* planAgain(
  rounds: Rounds,
  scope: IncidentScope,
  read: IncidentRead,
  { updates, hasChanged }: News,
): Process<boolean> {
  const { record } = scope;
  const earlier = record.file.earlier?.at(-1);
  const ofEarlier = hasChanged ? (earlier?.once ?? []) : settledBefore(earlier, read.content);
  const settled = () => [
    ...ofEarlier,
    ...settledTargets(record.file, hasChanged),
    ...settledByMerge(record.file),
  ];
  const before = rounds.undecided?.leftOut ?? record.file.leftOut ?? [];
  const leftOut = hasChanged ? [] : leftOutBy(updates, before);
  const { proposal } = record.file;
  let made: Made | undefined;
  try {
    made = yield* makePlan(scope, read, { settled, leftOut }, plansOf(record.file).length + 1);
  } catch (thrown) {
    return leaveUndecided(rounds, { updates, hasChanged, leftOut }, thrown);
  }
  if (rounds.isAbandoned) {
    noteUpdates(record, updates, 'After an error of the responder, no further plan is made in this run.');
    return true;
  }
  if (made === undefined) {
    const some = rounds.proposeNothing();
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
  // What a merged incident has done must not be approved again.
  const done = settledByMerge(record.file);
  const asksForDone = stepsOf(record.file).some(
    (step) => isPending(step) && done.includes(targetKeyOf(step)),
  );
  const isSame = made.proposal === proposal && made.plan.steps.every(isPending) && !asksForDone;
  if (isSame && rounds.undecided === undefined) {
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
